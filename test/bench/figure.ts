import type { Spread } from './statistics.ts'

/** One figure of the benchmark. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: '%' | '/s' | 'ms' | 'MB' | 'times'
  /** What is wanted; absent where the figure is for information. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number }
  /** The measured values that the figure is made of, by case, in milliseconds. */
  readonly cases?: Readonly<Record<string, Spread>>
  readonly note?: string
}

/** Whether a figure is as good as wanted; undefined where nothing is wanted. */
export function isReached({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}

/** The figures as lines for a person. */
export function describe(figures: readonly Figure[]): string {
  return figures.map(figure => `${line(figure)}${casesOf(figure)}`).join('\n')
}

function line(figure: Figure): string {
  const { name, value, unit, target, note } = figure
  const verdict = { true: 'reached', false: 'MISSED ', undefined: '       ' }[String(isReached(figure))]
  const wanted =
    target === undefined
      ? ''
      : `, wanted ${'atMost' in target ? '<=' : '>='} ${amount(Object.values(target)[0] ?? 0, unit)}`
  return `${verdict} ${name}: ${amount(value, unit)}${wanted}${note === undefined ? '' : ` (${note})`}`
}

const amount = (value: number, unit: Figure['unit']): string => {
  if (unit === '/s') return `${Math.round(value).toLocaleString('en')}/s`
  return `${value.toFixed(unit === 'times' ? 2 : 1)} ${unit}`
}

function casesOf({ cases = {} }: Figure): string {
  const width = Math.max(0, ...Object.keys(cases).map(name => name.length))
  return Object.entries(cases)
    .map(([name, { median, p05, p95, count }]) => {
      const numbers = [median, p05, p95].map(value => value.toFixed(2))
      return `\n          ${name.padEnd(width)}  median ${numbers[0]} ms, p05 ${numbers[1]}, p95 ${numbers[2]}, ${count} times`
    })
    .join('')
}
