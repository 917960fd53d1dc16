import type { Common } from './verb.ts'

/** Tells a person who waits what is done: one line on the terminal, which goes away at the end. */
export function progress({ quiet, json }: Pick<Common, 'quiet' | 'json'>): {
  readonly step: (words: string) => void
  end(): void
} {
  const { stderr } = process
  if (quiet || json || !stderr.isTTY) return { step: () => {}, end: () => {} }
  let isShown = false
  const clear = (): void => {
    if (isShown) stderr.write('\r\u001b[K')
    isShown = false
  }
  return {
    step: words => {
      clear()
      stderr.write(`${words.slice(0, Math.max(10, (stderr.columns ?? 80) - 4))} …`)
      isShown = true
    },
    end: clear,
  }
}
