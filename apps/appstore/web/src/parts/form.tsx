import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Problem } from './problem.tsx'

interface Props {
  readonly title: string
  readonly action: string
  readonly onSubmit: () => Promise<void>
  readonly children: ComponentChildren
}

/** A small form with a heading, which shows what went wrong. */
export function SmallForm({ title, action, onSubmit, children }: Props) {
  const id = useId()
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    await onSubmit().catch(setError)
    setBusy(false)
  }
  return (
    <form aria-labelledby={id} onSubmit={submit}>
      <h3 id={id}>{title}</h3>
      {children}
      <Problem error={error} />
      <button type="submit" disabled={isBusy}>
        {action}
      </button>
    </form>
  )
}
