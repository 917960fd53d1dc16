/** What yargs uses of Node's `assert`, which loads comparisons of texts and their colours. */
export function strictEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  if (!Object.is(actual, expected)) throw message instanceof Error ? message : new Error(message ?? 'not equal')
}

export function notStrictEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  if (Object.is(actual, expected)) throw message instanceof Error ? message : new Error(message ?? 'equal')
}
