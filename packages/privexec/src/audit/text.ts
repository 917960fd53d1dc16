/** Most UTF-16 code units of one string in a record. */
export const maxText = 4096
/** Most UTF-16 code units of all arguments of one record together. */
export const maxArguments = 16_384

/** A string of a stranger, cut to `limit` code units; a cut is marked in the text itself. Lone surrogates become U+FFFD. */
export function boundText(value: string, limit: number = maxText): string {
  if (value.length <= limit) return value.toWellFormed()
  return `${value.slice(0, limit).toWellFormed()}[+${value.length - limit} characters]`
}

/**
 * Arguments cut to {@link maxText} each and {@link maxArguments} together. Arguments behind the limit are replaced by one
 * that says how many they were.
 */
export function boundArguments(argv: readonly string[]): { readonly args: string[]; readonly cut: boolean } {
  const args: string[] = []
  let left = maxArguments
  let cut = false
  for (const value of argv) {
    // An empty argument costs one too, so that a million of them are bounded as well.
    if (left < 1) {
      args.push(`[+${argv.length - args.length} arguments]`)
      return { args, cut: true }
    }
    const text = boundText(value, Math.min(maxText, left))
    cut ||= text !== value
    args.push(text)
    left -= Math.max(1, Math.min(maxText, value.length))
  }
  return { args, cut }
}

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * JSON in printable ASCII. `JSON.stringify` leaves DEL, C1 controls, bidirectional controls and line separators as they
 * are, and a terminal that shows the log would obey them.
 */
export function asciiJson(value: unknown): string {
  const json = JSON.stringify(value)
  return /[^ -~]/.test(json) ? json.replace(/[^ -~]/g, escapeUnit) : json
}
