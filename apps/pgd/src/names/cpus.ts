import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** How many processors a server may use at a time; parts of one too. */
export type Cpus = number & { readonly [brand]: 'cpus' }

/** Whether it is 0.01 to 1024 in steps of hundredths. */
export const isCpus = (cpus: number): cpus is Cpus => cpus >= 0.01 && cpus <= 1024 && Number(cpus.toFixed(2)) === cpus

/** Reads a number of processors. Rejects with `PGD_INPUT_INVALID`. */
export function parseCpus(text: string | number, field = 'cpus'): Cpus {
  const cpus = typeof text === 'number' ? text : /^\d{1,4}(?:\.\d{1,2})?$/.test(text) ? Number(text) : Number.NaN
  if (isCpus(cpus)) return cpus
  throw invalid(field, text, 'is no number of processors: 0.01 to 1024, in hundredths', 'For example 2, or 0.5')
}
