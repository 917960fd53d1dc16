import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'

/** An engine answered, and refused: HTTP status, and its own words. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal'
  readonly status: number

  constructor(status: number, words: string) {
    super(words)
    this.status = status
  }
}

/** What an engine that is not there any more, or never was, comes to. */
export const engineGone = (socket: string, cause: unknown): PgdError =>
  new PgdError('PGD_RUNTIME_UNAVAILABLE', `The container engine at ${escapeValue(socket)} ${reasonOf(cause)}`, {
    cause,
  })

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ECONNREFUSED: 'does not listen',
  EACCES: 'may not be used by this account',
  ECONNRESET: 'broke the connection off',
  EPIPE: 'broke the connection off',
}

/** Why a connection failed, without the socket. */
export function reasonOf(cause: unknown): string {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown }
  return reasons[String(code)] ?? `failed: ${escapeValue(String(message ?? code), 200)}`
}

/** Whether the engine said that a thing is not there, or that it is in the state that was wanted. */
export const isAbsent = (error: unknown): boolean => error instanceof EngineRefusal && error.status === 404
export const isUnchanged = (error: unknown): boolean => error instanceof EngineRefusal && error.status === 304

/** What a refusal means to the caller; `subject` says what was asked for, for people. Other errors pass as they are. */
export function translate(error: unknown, subject: string, port?: number): unknown {
  if (!(error instanceof EngineRefusal)) return error
  const words = error.message
  const details = { program: 'container engine', stderr: words, cause: error }
  const say = (text: string): string => `${text}: ${escapeValue(words, 400)}`
  if (port !== undefined && /port is already allocated|address already in use/i.test(words)) {
    return new PgdError('PGD_PORT_TAKEN', say(`Port ${port} of 127.0.0.1 is taken`), details)
  }
  if (/no such image|image not known/i.test(words)) {
    return new PgdError('PGD_IMAGE_UNAVAILABLE', say(`${subject}: the image is not there`), details)
  }
  if (/bind source path does not exist|statfs .*no such file/i.test(words)) {
    return new PgdError('PGD_NOT_MOUNTED', say(`${subject}: a directory is not there`), details)
  }
  if (/no space left on device/i.test(words)) return new PgdError('PGD_NO_SPACE', say(subject), details)
  return new PgdError('PGD_PROGRAM_FAILED', say(`${subject}: the container engine refused`), details)
}
