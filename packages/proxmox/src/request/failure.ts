import { escapeValue } from '@broker/privexec/escape'
import { Untrusted } from '../connection/tls.ts'
import { isProxmoxError, ProxmoxError } from '../errors/error.ts'
import type { Call } from './definition.ts'

/** Codes of failures before the first byte of the request left. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What a request that got no whole answer failed with. `sent` is false when the connection was not even there. */
export function errorFromFailure(
  { method, path }: Pick<Call<unknown>, 'method' | 'path'>,
  error: unknown,
  { timedOut, cancelled, sent }: { timedOut: boolean; cancelled: boolean; sent: boolean },
): ProxmoxError {
  if (isProxmoxError(error)) return error
  const known = error as { code?: string; message?: string; cause?: unknown }
  const code = String(known?.code ?? '')
  const arrived = sent && !neverSent.has(code)
  const details = { method, path, mayHaveRun: arrived && method !== 'GET', cause: error }
  const say = (text: string): string => `${method} ${path}: ${text}`
  const untrusted = [error, known?.cause].find(each => each instanceof Untrusted)
  if (untrusted !== undefined) {
    const { fingerprint, message } = untrusted
    return new ProxmoxError('PROXMOX_CERTIFICATE_REFUSED', say(message), {
      ...details,
      mayHaveRun: false,
      ...(fingerprint && { fingerprint }),
    })
  }
  if (cancelled) return new ProxmoxError('PROXMOX_CANCELLED', say('given up'), details)
  if (timedOut || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return arrived
      ? new ProxmoxError('PROXMOX_TIMED_OUT', say('no whole answer in time'), details)
      : new ProxmoxError('PROXMOX_UNREACHABLE', say('no connection in time'), details)
  }
  const why = `${code || 'the connection failed'}${known?.message ? `: ${escapeValue(known.message, 200)}` : ''}`
  return new ProxmoxError(arrived ? 'PROXMOX_CONNECTION_LOST' : 'PROXMOX_UNREACHABLE', say(why), details)
}
