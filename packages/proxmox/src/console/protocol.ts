// What termproxy and its page speak over the socket: the first message of the client is `user:ticket\n`, and the answer
// begins with OK. Then `0:LENGTH:DATA` is typed text, `1:COLUMNS:ROWS:` the size of the window, `2` a sign of life.
// What comes from the server is the terminal's output as it is.

/** The first message; holds a secret. */
export const greeting = (user: string, ticket: string): string => `${user}:${ticket}\n`

/** Typed text; the length is in bytes of UTF-8. */
export const typed = (text: string): string => `0:${Buffer.byteLength(text, 'utf8')}:${text}`

/** Size of the window, 1 to 10 000 each. */
export function resized(columns: number, rows: number): string {
  const size = (value: number): number => Math.min(10_000, Math.max(1, Math.trunc(value) || 1))
  return `1:${size(columns)}:${size(rows)}:`
}

export const alive = '2'

/** The answer to the greeting: the output behind `OK`, or undefined when it is a refusal. */
export const welcome = (answer: Buffer): Buffer | undefined =>
  answer.subarray(0, 2).toString('latin1') === 'OK' ? answer.subarray(2) : undefined
