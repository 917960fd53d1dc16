import { once } from 'node:events'
import { open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Content } from '../argument/staged-content.ts'
import { PrivexecError } from '../errors/error.ts'
import { type Sharing, stagingProblems } from './check.ts'

const checked = new Map<string, Promise<string[]>>()

/**
 * Writes content to its place in the staging directory, with mode 0600. Root follows no link there: the directory is
 * root's and sticky, so the kernel refuses it (fs.protected_symlinks, sysctl documentation of the kernel).
 * Throws `PRIVEXEC_STAGING_UNSAFE`, or `PRIVEXEC_STREAM_FAILED` when the stream of content fails or the signal aborts;
 * leaves no file then.
 */
export async function stage(
  file: string,
  content: Content,
  signal?: AbortSignal,
  sharing: Sharing = 'shared',
): Promise<void> {
  const drop = dirname(file)
  const problems = await (checked.get(drop) ?? remember(drop, sharing))
  if (problems.length > 0) throw new PrivexecError('PRIVEXEC_STAGING_UNSAFE', problems.join('; '))
  const handle = await open(file, 'wx', 0o600).catch(cause => {
    throw new PrivexecError('PRIVEXEC_STAGING_UNSAFE', `Cannot write to ${drop}`, { cause })
  })
  try {
    const source = content instanceof Uint8Array ? Readable.from([content]) : content
    // Its rejection after an abort has been told already.
    const written = pipeline(source, handle.createWriteStream(), signal ? { signal } : {})
    written.catch(() => {})
    await (signal ? Promise.race([written, abortOf(signal)]) : written)
  } catch (cause) {
    await handle.close().catch(() => {})
    await unstage(file)
    throw new PrivexecError('PRIVEXEC_STREAM_FAILED', 'The content could not be staged', { cause })
  }
}

/** Rejects when the signal aborts: a pipeline waits for its source to agree, and a generator that waits never does. */
async function abortOf(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

/** Removes staged content; what is gone already is fine. */
export async function unstage(file: string): Promise<void> {
  await unlink(file).catch(() => {})
}

/** Only a good answer is kept: a directory that root repairs is found good at the next call. */
function remember(drop: string, sharing: Sharing): Promise<string[]> {
  const answer = stagingProblems(drop, sharing)
  checked.set(drop, answer)
  answer.then(problems => problems.length > 0 && checked.delete(drop)).catch(() => checked.delete(drop))
  return answer
}
