import { PassThrough } from 'node:stream'
import t from 'tap'
import type { Engine } from '../../../src/runtime/docker/engine.ts'
import { runTool } from '../../../src/runtime/docker/tool.ts'

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

t.test('Podman, which loses the end of streams, is given none', async t => {
  for (const streams of [{ stdin: new PassThrough() }, { stdout: new PassThrough() }]) {
    const work = runTool(untouched('podman'), account, { argv: ['pg_dump'], kind, ...streams })
    await t.rejects(work, { code: 'PGD_RUNTIME_UNAVAILABLE' })
  }
})

t.test('nothing is run for a volume that is not there, or for a caller who gave up', async t => {
  const engine = untouched('docker')
  const missing = runTool(engine, account, { argv: ['initdb'], kind, volume: '/nowhere/at all' })
  await t.rejects(missing, { code: 'PGD_NOT_MOUNTED' })
  const cancelled = runTool(engine, account, { argv: ['initdb'], kind, signal: AbortSignal.abort() })
  await t.rejects(cancelled, { code: 'PGD_CANCELLED' })
})
