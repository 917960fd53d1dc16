/** A number from the environment, for repeating a run or making it longer. */
export function numberOf(variable: string, usual: number): number {
  const value = Number(process.env[variable] ?? usual)
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${variable} must be a whole number`)
  return value
}
