import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import { kindOf, portWithin } from '../serve/serve.ts'
import type { Work } from './create-project.ts'
import { run } from './run.ts'

/** How a dump of pg_dump's own format begins; a plain one is SQL. */
const ownFormat = 'PGDMP'
/** What pg_dumpall writes first; it would make the role that is there. */
const clusterDump = '-- PostgreSQL database cluster dump'

/** Loads a dump of pg_dump or pg_dumpall into a running server; the first error ends it. */
export const loadDump =
  (file: string): Work =>
  async (call, runtime, project, { path, facts }) => {
    const head = await headOf(file)
    call.step('Loading the dump')
    const { run: directory } = runtime.layoutOf(path)
    const port = String(portWithin(runtime, facts))
    const socket = ['-h', directory, '-p', port, '-U', 'postgres', '-d', 'postgres', '--no-password']
    const rest = { kind: kindOf(project), volume: path, signal: call.signal }
    if (head.startsWith(ownFormat)) {
      const argv = ['pg_restore', '--exit-on-error', '--no-owner', '--single-transaction', ...socket] as const
      await run(runtime, { argv: [...argv], stdin: createReadStream(file), ...rest })
      return
    }
    const argv = ['psql', '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--output=/dev/null', ...socket] as const
    const stdin = head.includes(clusterDump) ? Readable.from(withoutOwnRole(file)) : createReadStream(file)
    await run(runtime, { argv: [...argv], stdin, ...rest })
  }

async function headOf(file: string): Promise<string> {
  const handle = await open(file).catch(cause => {
    const message = `The dump ${escapeValue(file)} cannot be read`
    throw new PgdError('PGD_INPUT_INVALID', message, { field: 'file', cause })
  })
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0)
    return buffer.subarray(0, bytesRead).toString('latin1')
  } finally {
    await handle.close()
  }
}

/** Leaves the first such line out; bytes stay what they are. */
async function* withoutOwnRole(file: string): AsyncGenerator<Buffer> {
  let rest = ''
  let isGone = false
  for await (const chunk of createReadStream(file, 'latin1')) {
    const lines = rest + chunk
    const end = lines.lastIndexOf('\n') + 1
    rest = lines.slice(end)
    const whole = lines.slice(0, end)
    const kept: string = isGone ? whole : whole.replace(/^CREATE ROLE postgres;\n/m, '')
    isGone ||= kept.length < whole.length
    yield Buffer.from(kept, 'latin1')
  }
  yield Buffer.from(rest, 'latin1')
}
