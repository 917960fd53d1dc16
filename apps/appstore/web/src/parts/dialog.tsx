import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Problem } from './problem.tsx'

interface Props {
  readonly title: string
  /** Word of the button that does it. */
  readonly action: string
  readonly isDangerous?: boolean
  readonly onClose: () => void
  readonly onSubmit: () => Promise<void>
  readonly children?: ComponentChildren
}

/** Asks before something is done. Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, action, isDangerous = false, onClose, onSubmit, children }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    dialog.current?.showModal()
    return () => before?.focus()
  }, [])
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await onSubmit()
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {children}
        <Problem error={error} />
        <p class="row">
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isBusy}>
            {action}
          </button>
          <button type="button" onClick={onClose}>
            Leave it
          </button>
        </p>
      </form>
    </dialog>
  )
}
