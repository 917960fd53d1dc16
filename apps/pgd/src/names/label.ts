import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** Words of a user to find a branch or snapshot by. */
export type Label = string & { readonly [brand]: 'label' }

/** What facts can hold (facts/codec.ts), begun so that it can be no option. */
const pattern = /^[A-Za-z0-9][A-Za-z0-9_.:+/@-]{0,99}$/

/** A label that was written down; undefined when it is none. */
export const readLabel = (text: string): Label | undefined => (pattern.test(text) ? (text as Label) : undefined)

/** Reads a label. Rejects with `PGD_INPUT_INVALID`. */
export function parseLabel(text: string, field = 'label'): Label {
  const label = readLabel(text)
  if (label !== undefined) return label
  const allowed = 'a letter or digit, then letters, digits and _ . : + / @ -, at most 100 characters'
  throw invalid(field, text, `is no label: ${allowed}`)
}
