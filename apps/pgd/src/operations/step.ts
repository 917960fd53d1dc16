import type { CallOptions } from '../api.ts'
import { PgdError } from '../errors/error.ts'
import { ofSystem } from '../store/directory/failure.ts'

/** One call of the API on its way: when it has to end, and who is told of its steps. */
export interface Call {
  readonly signal: AbortSignal
  /** Says what begins now; rejects when the call is over. */
  step(words: string): void
}

/** Makes a call of its options, and runs it; says why it was ended, when it was. */
export async function calling<T>(options: CallOptions, work: (call: Call) => Promise<T>): Promise<T> {
  const { timeout, onStep } = options
  if (timeout !== undefined && !(timeout > 0 && timeout <= longest)) {
    const message = `timeout must be a number of milliseconds above 0, at most ${longest}`
    throw new PgdError('PGD_INPUT_INVALID', message, { field: 'timeout' })
  }
  const signals = [
    ...(options.signal === undefined ? [] : [options.signal]),
    ...(timeout === undefined ? [] : [AbortSignal.timeout(timeout)]),
  ]
  const signal = AbortSignal.any(signals)
  const step = (words: string): void => {
    if (signal.aborted) throw endOf(signal)
    onStep?.(words)
  }
  try {
    step('Looking at what there is')
    return await work({ signal, step })
  } catch (error) {
    throw signal.aborted ? endOf(signal, error) : ofSystem('Working with its files', error)
  }
}

/** The longest that a timer takes, in milliseconds (2^31 - 1). */
const longest = 2_147_483_647

function endOf(signal: AbortSignal, cause?: unknown): PgdError {
  const isTime = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
  if (isTime) return new PgdError('PGD_TIMED_OUT', 'The time limit was reached', { cause })
  return new PgdError('PGD_CANCELLED', 'It was interrupted', { cause })
}
