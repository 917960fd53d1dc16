import { chmod, readdir, readFile, stat } from 'node:fs/promises'
import t from 'tap'
import { spool } from '../../../src/root/admit/content.ts'
import { trustedDirectory } from '../../support/trusted-directory.ts'

const never = new AbortController().signal
const isRoot = process.getuid?.() === 0
const skip = isRoot ? false : 'only root has a directory of root'

async function* pieces(...sizes: number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield Buffer.alloc(size, 'x')
}

t.test('content up to the limit is written, for root alone to read', { skip }, async s => {
  const directory = trustedDirectory(s)
  await chmod(directory, 0o700)
  await spool(`${directory}/name`, pieces(60, 40), 100, never)
  s.equal((await readFile(`${directory}/name`)).length, 100)
  s.equal((await stat(`${directory}/name`)).mode & 0o777, 0o600)
})

t.test('one byte more is refused, and no file is left', { skip }, async s => {
  const directory = trustedDirectory(s)
  await chmod(directory, 0o700)
  await s.rejects(spool(`${directory}/name`, pieces(60, 41), 100, never), {
    code: 'PRIVEXEC_ARGUMENT_INVALID',
    field: 'content',
  })
  s.strictSame(await readdir(directory), [])
})

t.test('a sender that goes away, or waits too long, leaves no file', { skip }, async s => {
  const directory = trustedDirectory(s)
  await chmod(directory, 0o700)
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw new Error('gone')
  }
  await s.rejects(spool(`${directory}/gone`, broken(), 100, never), { code: 'PRIVEXEC_STREAM_FAILED' })
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    await new Promise(() => {})
  }
  const abort = new AbortController()
  const waiting = spool(`${directory}/silent`, silent(), 100, abort.signal)
  setImmediate(() => abort.abort(new Error('late')))
  await s.rejects(waiting, { code: 'PRIVEXEC_STREAM_FAILED' })
  s.strictSame(await readdir(directory), [])
})

t.test('nothing is written to a directory that others may enter', { skip }, async s => {
  const directory = trustedDirectory(s)
  await chmod(directory, 0o755)
  await s.rejects(spool(`${directory}/name`, pieces(1), 100, never), { code: 'PRIVEXEC_STAGING_UNSAFE' })
})
