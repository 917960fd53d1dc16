import { useState } from 'preact/hooks'

/** What a form does when it is sent: `send`, meanwhile it is busy, and afterwards it has what went wrong. */
export function useSubmit(send: () => Promise<void>) {
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    await send().catch(setError)
    setBusy(false)
  }
  return { submit, error, isBusy }
}
