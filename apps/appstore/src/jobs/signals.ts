/** Signals that a cancel gives, each with the one that is given when the daemon stops. */
const stops = new WeakMap<AbortSignal, AbortSignal>()

/** A signal that is given by either: a cancel, or the stop of the daemon; those who wait can tell which. */
export function eitherOf(cancel: AbortSignal, stop: AbortSignal): AbortSignal {
  const either = AbortSignal.any([cancel, stop])
  stops.set(either, stop)
  return either
}

/** The part of a signal that a cancel does not give; other signals are given back as they are. */
export const withoutCancel = (signal: AbortSignal | undefined): AbortSignal | undefined =>
  signal === undefined ? undefined : (stops.get(signal) ?? signal)

/** Whether somebody cancelled, and the daemon does not stop: what a cancel ends is left alone by a stop. */
export const isCancel = (signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && stops.get(signal)?.aborted === false
