import { PgdError } from '../errors/error.ts'

/** Ends a call on the first signal, which takes back what was begun; the second one ends this process at once. */
export function interruptible(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143)
    controller.abort(new PgdError('PGD_CANCELLED', `It was interrupted by ${name}`))
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
