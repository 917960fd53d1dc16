/** Value below which the share `q` (0 to 1) of the samples lies. Throws RangeError for no samples. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
  if (value === undefined) throw new RangeError('no samples')
  return value
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** Median and the range that holds nine of ten samples. */
export interface Spread {
  readonly median: number
  readonly p05: number
  readonly p95: number
  readonly count: number
}

export const spread = (samples: readonly number[]): Spread => ({
  median: median(samples),
  p05: quantile(samples, 0.05),
  p95: quantile(samples, 0.95),
  count: samples.length,
})

/** Wall time of `action` in milliseconds. */
export async function timed(action: () => unknown): Promise<number> {
  const began = performance.now()
  await action()
  return performance.now() - began
}
