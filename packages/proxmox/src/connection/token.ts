import { fstatSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { escapeValue } from '@broker/privexec/escape'
import { invalid, ProxmoxError } from '../errors/error.ts'
import { type FullTokenId, fullTokenId } from '../values/names.ts'
import { Secret } from '../values/secret.ts'
import type { TokenOptions } from './options.ts'

/** A token, ready to be sent. */
export interface Token {
  readonly id: FullTokenId
  readonly secret: Secret
}

/** Reads the token from the options, or from its file. */
export async function loadToken(options: TokenOptions): Promise<Token> {
  if (!('file' in options)) return { id: fullTokenId(options.id, 'token.id'), secret: secretOf(options.secret) }
  const text = (await readPrivate(options.file)).trim()
  if (text.includes('\n')) throw invalid('token.file', `${escapeValue(options.file, 200)} has more than one line`)
  const at = text.indexOf('=')
  const id = at < 0 ? undefined : text.slice(0, at)
  if (id === undefined && options.id === undefined) {
    throw invalid('token.file', `${escapeValue(options.file, 200)} is not of the form user@realm!name=secret`)
  }
  if (id !== undefined && options.id !== undefined && id !== options.id) {
    throw invalid('token.file', `${escapeValue(options.file, 200)} is of another token than token.id`)
  }
  return { id: fullTokenId(id ?? options.id ?? '', 'token.id'), secret: secretOf(text.slice(at + 1)) }
}

/** Proxmox makes UUIDs; anything that a header can carry is let through. */
function secretOf(value: string | Secret): Secret {
  const text = value instanceof Secret ? value.reveal() : value
  if (typeof text !== 'string' || !/^[!-~]{8,256}$/.test(text)) {
    throw invalid('token.secret', 'is not the secret of a token: 8 to 256 printable characters without blanks')
  }
  return new Secret(text)
}

async function readPrivate(path: string): Promise<string> {
  const unreadable = (why: string, cause?: unknown): ProxmoxError =>
    new ProxmoxError('PROXMOX_TOKEN_UNREADABLE', `${escapeValue(path, 200)}: ${why}`, { field: 'token.file', cause })
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(cause.code ?? 'cannot be read', cause)
  })
  try {
    const status = fstatSync(file.fd)
    if (!status.isFile()) throw unreadable('not a file')
    if ((status.mode & 0o027) !== 0) throw unreadable('others can read or write it')
    if (status.size > 4096) throw unreadable('longer than a token')
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
