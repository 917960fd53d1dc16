import type { GuestDoor } from '../provision/door.ts'

/** Follows the journal of a guest, or its classic log where there is no journal. A fixed script; its values are arguments. */
const script = `lines=$1; follow=$2
if command -v journalctl >/dev/null 2>&1; then
  if [ "$follow" = 1 ]; then exec journalctl --no-pager --output=short-iso --lines="$lines" --follow; fi
  exec journalctl --no-pager --output=short-iso --lines="$lines"
fi
for file in /var/log/messages /var/log/syslog; do
  if [ -f "$file" ]; then
    if [ "$follow" = 1 ]; then exec tail -n "$lines" -F "$file"; fi
    exec tail -n "$lines" "$file"
  fi
done
echo 'The guest keeps no log'`

/** Lines that wait for a slow reader; beyond that the oldest ones are dropped. */
const mostWaiting = 2000
const longestLine = 4096

/** Lines of a guest's log, without control characters. */
export async function* guestLogs(
  door: GuestDoor,
  { lines, follow, signal }: { readonly lines: number; readonly follow: boolean; readonly signal?: AbortSignal },
): AsyncIterable<string> {
  const end = new AbortController()
  const either = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal])
  const waiting: string[] = []
  let rest = ''
  let wake = Promise.withResolvers<void>()
  let isOver = false
  const take = (chunk: Buffer): void => {
    const parts = (rest + chunk.toString('utf8')).split('\n')
    rest = (parts.pop() ?? '').slice(0, longestLine)
    waiting.push(...parts.map(clean))
    if (waiting.length > mostWaiting) waiting.splice(0, waiting.length - mostWaiting)
    wake.resolve()
  }
  const run = door
    .exec(['/bin/sh', '-c', script, 'sh', String(lines), follow ? '1' : '0'], { signal: either, onStdout: take })
    .finally(() => {
      isOver = true
      wake.resolve()
    })
  run.catch(() => {})
  try {
    while (!isOver || waiting.length > 0) {
      if (waiting.length === 0) await wake.promise
      wake = Promise.withResolvers()
      yield* waiting.splice(0)
    }
    if (rest !== '') yield clean(rest)
    if (!either.aborted) await run
  } finally {
    end.abort()
    await run.catch(() => {})
  }
}

/** A guest is a stranger: what it writes must not steer a terminal. */
const clean = (line: string): string => line.slice(0, longestLine).replace(/(?!\t)\p{Cc}/gu, '')
