import { PrivexecError } from '../../errors/error.ts'
import { stage } from '../../staging/stage.ts'

/**
 * Writes content to its file in root's own directory, before anything else of the operation begins: the guards come
 * after it, so that a slow sender cannot stretch the time between a check and what it is for. Throws
 * `PRIVEXEC_ARGUMENT_INVALID` for more than `most` bytes, and what `stage` throws; leaves no file then.
 */
export async function spool(
  file: string,
  content: AsyncIterable<Uint8Array>,
  most: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await stage(file, limited(content, most), signal, 'private')
  } catch (error) {
    const { cause } = error as Error
    throw cause instanceof TooLong ? tooLong(most) : error
  }
}

class TooLong extends Error {}

const tooLong = (most: number): PrivexecError =>
  new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', `content: the policy allows at most ${most} bytes`, {
    field: 'content',
  })

async function* limited(content: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.length
    if (bytes > most) throw new TooLong()
    yield chunk
  }
}
