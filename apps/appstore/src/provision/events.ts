import { z } from 'zod'

/** What stands before each event of the runner; see sdk/appstore/events.py. */
const marker = '@appstore '

/** Characters of a text that the runner may send; it cuts at 4,000 itself. */
const text = z.string().max(8000)

const schema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    text,
    /** Program that said it, or `script`. */
    source: z.string().max(256).optional(),
  }),
  z.object({
    kind: z.literal('progress'),
    step: z.int().min(0).max(100_000),
    total: z.int().min(0).max(100_000),
    text: text.optional(),
  }),
  z.object({
    kind: z.literal('output'),
    key: z.string().regex(/^[\w.-]{1,128}$/),
    /** In the clear, also of a secret. */
    value: z.string().max(16_000),
    secret: z.boolean(),
  }),
  z.object({
    kind: z.literal('error'),
    code: z.enum(['permission', 'script', 'request', 'unhealthy', 'timeout', 'cancelled']),
    message: text,
    /** The list of the manifest that lacks something, and what. */
    permission: z.string().max(64).optional(),
    value: z.string().max(1000).optional(),
  }),
  z.object({ kind: z.literal('done'), ok: z.boolean(), exit: z.int().min(0).max(255) }),
])

/** One event of a run in a guest. */
export type ProvisionEvent = z.infer<typeof schema>

/** Control characters but tab and line feed, other ends of lines, and marks of writing direction. */
const controls = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/**
 * Reads a line of the runner. A guest may send anything: what is no event is a line of log, and no control character or
 * mark of writing direction gets through.
 */
export function parseLine(line: string): ProvisionEvent {
  if (line.startsWith(marker)) {
    try {
      const parsed = schema.safeParse(JSON.parse(line.slice(marker.length)))
      if (parsed.success) return cleaned(parsed.data)
    } catch {
      // Not JSON: a line of log, as below.
    }
  }
  const short = line.length > 4000 ? `${line.slice(0, 4000)} [cut]` : line
  return { kind: 'log', level: 'info', text: clean(short), source: 'guest' }
}

const clean = (value: string): string => value.replace(controls, '\ufffd').toWellFormed()

function cleaned(event: ProvisionEvent): ProvisionEvent {
  const entries = Object.entries(event).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value])
  return Object.fromEntries(entries) as ProvisionEvent
}

/** The event with every text but the value of an output changed, such as by a redactor. */
export function withTexts(event: ProvisionEvent, change: (text: string) => string): ProvisionEvent {
  switch (event.kind) {
    case 'log':
      return { ...event, text: change(event.text) }
    case 'progress':
      return event.text === undefined ? event : { ...event, text: change(event.text) }
    case 'error':
      return {
        ...event,
        message: change(event.message),
        ...(event.value === undefined ? {} : { value: change(event.value) }),
      }
    default:
      return event
  }
}
