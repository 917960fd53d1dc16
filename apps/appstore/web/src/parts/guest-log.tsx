import { useEffect, useRef, useState } from 'preact/hooks'
import { installs } from '../api/routes.ts'

/** Lines that are kept on the page. */
const mostLines = 2000

/** The journal of the guest, live while it is open. */
export function GuestLog({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <section aria-labelledby="guest-log">
      <h2 id="guest-log">Log of the guest</h2>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Close the log' : 'Open the log'}
      </button>
      {isOpen && <Lines id={id} />}
    </section>
  )
}

function Lines({ id }: { id: string }) {
  const [lines, setLines] = useState<readonly { readonly n: number; readonly text: string }[]>([])
  const [filter, setFilter] = useState('')
  const [problem, setProblem] = useState<string>()
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    let n = 0
    const stream = new EventSource(installs.logsUrl(id))
    // After a break the log is sent from its last lines on again.
    stream.onopen = () => setLines([])
    stream.addEventListener('line', ({ data }: MessageEvent<string>) => {
      const line = { n: n++, text: JSON.parse(data) as string }
      setLines(before => [...before.slice(1 - mostLines), line])
    })
    stream.addEventListener('problem', ({ data }: MessageEvent<string>) => setProblem(JSON.parse(data)))
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) setProblem('The guest has no log to show')
    }
    return () => stream.close()
  }, [id])
  useEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines])
  return (
    <>
      <label class="field">
        Only lines with
        <input type="search" value={filter} onInput={event => setFilter(event.currentTarget.value)} />
      </label>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div
        class="log"
        role="log"
        aria-label="Lines of the guest's log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
        ref={box}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 24
        }}
      >
        {lines
          .filter(({ text }) => text.toLowerCase().includes(filter.toLowerCase()))
          .map(({ n, text }) => (
            <div key={n}>{text}</div>
          ))}
      </div>
    </>
  )
}
