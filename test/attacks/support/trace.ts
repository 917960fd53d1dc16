/** What happened since the last reset, to be shown when a test fails. */
const events: unknown[] = []

export function trace(event: unknown): void {
  events.push(event)
}

/** The last of what happened, one line each; begins anew. */
export function takeTrace(): string[] {
  return events
    .splice(0)
    .slice(-12)
    .map(event => shorten(JSON.stringify(event)))
}

const shorten = (text: string): string => (text.length < 900 ? text : `${text.slice(0, 500)} [...] ${text.slice(-400)}`)
