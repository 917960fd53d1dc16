import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { loadPolicy, pctExec, pctPush, zfsMount, zfsUnmount } from '../../packages/privexec/src/index.ts'
import { embeddedBroker } from './broker.ts'
import { makeEmbeddedHost } from './host.ts'

const policies = join(import.meta.dirname, '../../policies')

async function embedded(s: Test, policy: 'appstore' | 'pgd') {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-'))
  s.teardown(() => rmSync(directory, { recursive: true }))
  const host = makeEmbeddedHost(directory)
  const file = join(directory, 'audit.jsonl')
  const broker = await embeddedBroker(host, await loadPolicy(join(policies, `${policy}.yaml`)), policy, file)
  s.teardown(() => broker.close())
  return { host, broker, file }
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

t.test('content is staged, pushed with its mode, and read back; nothing stays staged', async s => {
  const { host, broker, file } = await embedded(s, 'appstore')
  const content = Buffer.from('bytes\n')
  await broker.run(pctPush, { vmid: 20001, content, destination: '/tmp/f', perms: '0600' })
  const { stdout } = await broker.run(pctExec, { vmid: 20001, command: ['cat', '/tmp/f'] })
  s.equal(stdout, 'bytes\n')
  s.strictSame(readdirSync(host.path('/var/lib/privexec/staging/appstore/drop')), [])
  await broker.close()
  s.match(await verifyAudit(file), { ok: true, records: 4 })
  s.match(readFileSync(file, 'utf8'), /"name":"appstore"/)
})

t.test('failures are told as of the real programs', async s => {
  const { broker } = await embedded(s, 'appstore')
  const exec = (vmid: number, ...command: [string, ...string[]]) => broker.run(pctExec, { vmid, command })
  s.match(await errorOf(exec(20002, 'hostname')), { isFailed: true, failure: 'noSuchContainer' })
  s.match(await errorOf(exec(20001, 'nosuch')), { failure: 'programMissing' })
  s.match(await errorOf(exec(20001, 'cat', '/nosuch')), { exitCode: 1 })
  s.match(await errorOf(exec(104, 'hostname')), { code: 'PRIVEXEC_OUT_OF_BOUNDS' })
  const push = { vmid: 20001, content: Buffer.alloc(0), destination: '/nosuch/f' }
  s.match(await errorOf(broker.run(pctPush, push)), { failure: 'cannotCreate', exitCode: 0 })
})

t.test('a dataset is mounted once, and unmounted once', async s => {
  const { broker, host } = await embedded(s, 'pgd')
  const dataset = 'tank/pgd/databases/shop/main'
  s.match(await errorOf(broker.run(zfsUnmount, { dataset })), { failure: 'notMounted' })
  await broker.run(zfsMount, { dataset })
  s.equal(host.mountOf(dataset), `/${dataset}`)
  s.match(await errorOf(broker.run(zfsMount, { dataset })), { failure: 'alreadyMounted' })
  await broker.run(zfsUnmount, { dataset })
  s.equal(host.mountOf(dataset), undefined)
  s.match(await errorOf(broker.run(zfsMount, { dataset: `tank/pgd/databases/shop/nosuch` })), { failure: 'notFound' })
})
