import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Problem } from './problem.tsx'

/** What was asked for, as far as it is there. */
export interface Loaded<Value> {
  readonly value?: Value
  readonly error?: unknown
  /** Asks again; what was there stays until the answer is. */
  readonly reload: () => void
}

/** Asks when the key changes, and again every `interval` milliseconds while the page is seen. */
export function useLoad<Value>(key: string, ask: () => Promise<Value>, interval?: number): Loaded<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: unknown }>({ key })
  const latest = useRef(ask)
  latest.current = ask
  const wanted = useRef(key)
  wanted.current = key
  const reload = useCallback(() => {
    latest
      .current()
      .then(value => wanted.current === key && setState({ key, value }))
      .catch((error: Error) => {
        if (error.name === 'AbortError' || wanted.current !== key) return
        setState(before => ({ ...(before.key === key ? before : { key }), error }))
      })
  }, [key])
  useEffect(() => {
    reload()
    if (interval === undefined) return
    const timer = setInterval(() => document.hidden || reload(), interval)
    return () => clearInterval(timer)
  }, [reload, interval])
  return state.key === key ? { ...state, reload } : { reload }
}

/** Shows what was asked for once it is there, and what went wrong. */
export function Loading<Value>(props: { of: Loaded<Value>; children: (value: Value) => ComponentChildren }) {
  const { value, error } = props.of
  return (
    <>
      <Problem error={error} />
      {value !== undefined ? props.children(value) : error === undefined && <p class="waiting">Loading…</p>}
    </>
  )
}
