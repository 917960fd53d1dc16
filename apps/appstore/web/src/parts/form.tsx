import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Problem } from './problem.tsx'
import { useSubmit } from './submit.ts'

interface Props {
  readonly title: string
  readonly action: string
  readonly onSubmit: () => Promise<void>
  readonly children: ComponentChildren
}

/** A small form with a heading, which shows what went wrong. */
export function SmallForm({ title, action, onSubmit, children }: Props) {
  const id = useId()
  const { submit, error, isBusy } = useSubmit(onSubmit)
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
