import { escapeValue } from '@broker/privexec/escape'
import { z } from 'zod'
import { type ErrorDetails, ProxmoxError } from './error.ts'
import { isRootOnly, missingPermission, recognise } from './recognise.ts'

/** A refusal as it came: the body is whatever the server sent, the empty text included. */
export interface Refusal {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly statusText: string
  readonly body: string
}

const envelope = z.object({
  message: z.string().optional().catch(undefined),
  errors: z
    .record(
      z.string(),
      z
        .union([z.string(), z.number(), z.boolean()])
        .transform(value => clean(String(value)))
        .catch('invalid'),
    )
    .optional()
    .catch(undefined),
})

/** AnyEvent::HTTP's statuses for a node that pveproxy could not connect to: the request never got there. */
const neverArrived = 595
/** Its statuses for a connection that failed later, and those of proxies in front. */
const proxyFaults: ReadonlySet<number> = new Set([502, 503, 504, 596, 597, 598, 599])

/** The error that an answer with a status beyond 299 stands for. */
export function errorFromAnswer(refusal: Refusal): ProxmoxError {
  const { method, path, status, statusText } = refusal
  const parsed = envelope.safeParse(asJson(refusal.body)).data ?? {}
  const answer = clean(parsed.message ?? '') || clean(statusText) || `status ${status}`
  const isChange = method !== 'GET'
  const parameters = parsed.errors
  const details: ErrorDetails = { method, path, status, statusText, answer, ...(parameters && { parameters }) }
  const make = (code: ProxmoxError['code'], more: ErrorDetails = {}, text = escapeValue(answer, 400)): ProxmoxError =>
    new ProxmoxError(code, `${method} ${path}: ${text}`, { ...details, ...more })

  if (status === neverArrived) return make('PROXMOX_UNREACHABLE')
  if (status === 596 || status === 504) return make('PROXMOX_TIMED_OUT', { mayHaveRun: isChange })
  if (proxyFaults.has(status)) return make('PROXMOX_CONNECTION_LOST', { mayHaveRun: isChange })
  if (status < 400) return make('PROXMOX_ANSWER_INVALID', {}, `status ${status}: this is not the API of Proxmox`)
  if (status === 401) return make('PROXMOX_UNAUTHORIZED')
  if (status === 501) return make('PROXMOX_UNSUPPORTED')
  if (parameters !== undefined) return refusedParameters(parameters, make)
  const permission = missingPermission(answer)
  if (isRootOnly(answer)) return make('PROXMOX_ROOT_ONLY')
  // A pool that the token may not see is refused in these words whether it exists or not.
  if (status === 403) return make('PROXMOX_FORBIDDEN', permission && { permission })
  const known = recognise(answer)
  if (known !== undefined) return make(known.code, known.subject === undefined ? {} : { subject: known.subject })
  if (status === 400) return make('PROXMOX_PARAMETERS_REFUSED')
  // What failed in the middle may have left something, which a refusal has not.
  return make('PROXMOX_FAILED', { mayHaveRun: isChange })
}

type Make = (code: ProxmoxError['code'], more?: ErrorDetails, text?: string) => ProxmoxError

function refusedParameters(parameters: Readonly<Record<string, string>>, make: Make): ProxmoxError {
  const entries = Object.entries(parameters)
  const [only] = entries
  const text = entries.map(([name, why]) => `${escapeValue(name, 40)}: ${escapeValue(clean(why), 200)}`).join('; ')
  if (only !== undefined && entries.length === 1) {
    const known = recognise(only[1])
    if (known !== undefined) return make(known.code, { ...(known.subject && { subject: known.subject }) }, text)
  }
  return make('PROXMOX_PARAMETERS_REFUSED', only === undefined ? {} : { field: only[0] }, text || undefined)
}

/** Characters of a server's words that an error keeps. */
const longestWords = 4000

const clean = (text: string): string => text.trim().slice(0, longestWords)

function asJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
