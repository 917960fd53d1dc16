import { useEffect, useRef, useState } from 'preact/hooks'
import { installs } from '../api/routes.ts'

/** A shell in the guest, once it is asked for. */
export function OpenTerminal({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <section aria-labelledby="terminal">
      <h2 id="terminal">Terminal</h2>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Close the terminal' : 'Open a terminal'}
      </button>
      {isOpen && <Screen id={id} />}
    </section>
  )
}

function Screen({ id }: { id: string }) {
  const box = useRef<HTMLDivElement>(null)
  const [message, setMessage] = useState('Connecting…')
  useEffect(() => {
    let close = (): void => {}
    let isGone = false
    import('./screen.ts')
      .then(({ openScreen }) => {
        if (isGone || box.current === null) return
        close = openScreen(box.current, (columns, rows) => installs.terminalUrl(id, columns, rows), setMessage)
      })
      .catch(() => setMessage('The terminal cannot be shown'))
    return () => {
      isGone = true
      close()
    }
  }, [id])
  return (
    <>
      <p role="status">{message}</p>
      <p class="quiet">Ctrl+Shift+Escape leaves the terminal by keyboard.</p>
      <div class="terminal" ref={box} />
    </>
  )
}
