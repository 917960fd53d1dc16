import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import type { Engine } from '../../../src/runtime/docker/engine.ts'
import { spooled, spooledArgv } from '../../../src/runtime/docker/spool.ts'
import { runTool } from '../../../src/runtime/docker/tool.ts'
import type { Tool } from '../../../src/runtime/runtime.ts'

// What needs an engine is in test/pgd/docker-runtime.test.ts.
const account = { uid: 1000, gid: 1000, passwd: '/passwd' }
const kind = { image: 'postgres:17', version: 17 }

/** An engine that may not be asked for anything. */
const untouched = (name: string): Engine =>
  new Proxy({ traits: { name }, socket: '/x' } as unknown as Engine, {
    get: (target, key) => {
      if (key in target) return target[key as keyof Engine]
      throw new Error(`the engine was asked: ${String(key)}`)
    },
  })

t.test('where streams go through files, what the source gave is there, and nothing is left', async t => {
  const directory = t.testdir()
  const own = { ...account, passwd: join(directory, 'passwd') }
  const received = new PassThrough()
  const tool: Tool = { argv: ['pg_dump', '-s'], kind, stdin: Readable.from(['one', 'two']), stdout: received }
  t.strictSame(spooledArgv(tool), [
    ...['sh', '-c', 'exec "$0" "$@" </pgd-streams/in >/pgd-streams/out', 'pg_dump', '-s'],
  ])
  const end = { exitCode: 0, stdout: '', stderr: '' }
  const work = spooled(own, tool, async place => {
    t.equal(statSync(place).mode & 0o777, 0o700)
    writeFileSync(join(place, 'out'), readFileSync(join(place, 'in'), 'utf8').toUpperCase())
    return end
  })
  t.strictSame(await work, end)
  t.equal(String(received.read()), 'ONETWO')
  t.notOk(received.writableEnded, 'the stream of the caller goes on')
  const source = new Readable({ read() {} })
  source.destroy(new Error('the source is gone'))
  const broken = spooled(own, { argv: ['psql'], kind, stdin: source }, () => Promise.reject(new Error('it was run')))
  await t.rejects(broken, { code: 'PGD_PROGRAM_FAILED', message: /the source is gone/ })
  t.strictSame(readdirSync(directory), [])
})

t.test('nothing is run for a volume that is not there, or for a caller who gave up', async t => {
  const engine = untouched('docker')
  const missing = runTool(engine, account, { argv: ['initdb'], kind, volume: '/nowhere/at all' })
  await t.rejects(missing, { code: 'PGD_NOT_MOUNTED' })
  const cancelled = runTool(engine, account, { argv: ['initdb'], kind, signal: AbortSignal.abort() })
  await t.rejects(cancelled, { code: 'PGD_CANCELLED' })
})
