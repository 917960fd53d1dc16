/** A word for a POSIX shell, which reads it as it is, whatever is in it but NUL (POSIX.1-2017, XCU 2.2.2). */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_/.,:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
