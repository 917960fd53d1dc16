import { useEffect, useRef, useState } from 'preact/hooks'
import type { JobEvent, LogLevel } from '../api/types.ts'

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** The log of a job. It follows the end until somebody scrolls up. */
export function JobLog({ events, isOver }: { events: readonly JobEvent[]; isOver: boolean }) {
  const [least, setLeast] = useState<LogLevel>('info')
  const [isFollowing, setFollowing] = useState(true)
  const box = useRef<HTMLDivElement>(null)
  const shown = events.filter(
    ({ kind, level = 'info', text }) =>
      kind === 'log' && text !== undefined && levels.indexOf(level) >= levels.indexOf(least),
  )
  const progress = events.findLast(({ kind }) => kind === 'progress')
  const share = progress?.data?.share
  useEffect(() => {
    if (isFollowing && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [shown.length, isFollowing])
  const onScroll = (): void => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = box.current ?? {}
    setFollowing(scrollHeight - scrollTop - clientHeight < 24)
  }
  return (
    <section aria-labelledby="log">
      <div class="row between">
        <h2 id="log">Log</h2>
        <label class="row">
          Least level
          <select value={least} onChange={event => setLeast(event.currentTarget.value as LogLevel)}>
            {levels.map(level => (
              <option key={level}>{level}</option>
            ))}
          </select>
        </label>
      </div>
      {typeof share === 'number' && !isOver && (
        <progress aria-label={progress?.text ?? 'Progress'} max={1} value={share}>
          {Math.round(share * 100)} %
        </progress>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <div class="log" role="log" aria-labelledby="log" tabIndex={0} ref={box} onScroll={onScroll}>
        {shown.map(({ seq, level = 'info', text }) => (
          <div key={seq} class={level}>
            {level !== 'info' && <b>{level} </b>}
            {text}
          </div>
        ))}
        {shown.length === 0 && <div class="quiet">Nothing yet</div>}
      </div>
    </section>
  )
}
