import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { insideHost } from '../host/prepare.ts'
import { callAs } from '../root/support/client.ts'
import { startZfsBroker } from './support/zfs-broker.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/zfs-verbs.test.ts'
if (skip === false) {
  const daemon = await startZfsBroker()
  t.teardown(async () => {
    await daemon.stop()
    // The files of this folder share one host.
    spawnSync('/usr/sbin/zfs', ['destroy', '-r', 'tank/pgd/databases/acme'])
  })
}

const base = 'tank/pgd/databases'
const [project, main, dev] = [`${base}/acme`, `${base}/acme/main`, `${base}/acme/dev`]
const foreign = `${base}/shop/main`
const facts = (mark: string) => `pgd:${mark}=id=abcdefghjk`

/** zfs by root; zfs-fuse calls a dataset busy for a moment after it was unmounted. */
function zfs(...args: string[]): string {
  for (let tries = 0; ; tries += 1) {
    const { status, stdout, stderr } = spawnSync('/usr/sbin/zfs', args, { encoding: 'utf8' })
    if (status === 0) return stdout.trim()
    if (tries > 50 || !stderr.includes('is busy')) throw new Error(`zfs ${args.join(' ')}: ${stderr}`)
    spawnSync('sleep', ['0.1'])
  }
}
const isMounted = (dataset: string): boolean => readFileSync('/proc/1/mounts', 'utf8').includes(`${dataset} `)

type Request = readonly [verb: string, input: Record<string, unknown>]

/** What is answered to requests that alice makes. */
const answersTo = (...requests: readonly Request[]) =>
  callAs(
    'alice',
    'pgd',
    requests.map(([verb, input]) => ({ command: `zfs.${verb}`, input })),
    { readOnly: false },
  )

/** The codes alone; undefined for what was done. */
const ask = async (...requests: readonly Request[]) => (await answersTo(...requests)).map(({ code }) => code)

/** One after the other, and again while zfs-fuse calls a dataset busy, as it does for a moment; what failed, in its words. */
async function askPatiently(...requests: readonly Request[]): Promise<string[]> {
  const failures: string[] = []
  for (const request of requests) {
    let [answer] = await answersTo(request)
    for (let tries = 0; answer?.code === 'PRIVEXEC_PROGRAM_FAILED' && tries < 100; tries += 1) {
      await delay(100)
      ;[answer] = await answersTo(request)
    }
    if (answer?.code !== undefined) failures.push(`${request[0]}: ${answer.code} ${answer.stderr}`)
  }
  return failures
}
const refused = 'PRIVEXEC_GUARD_REFUSED'

t.test('a branch is made, given away, copied and destroyed by root for somebody who may not', { skip }, async t => {
  const failures = await askPatiently(
    ['project', { facts: facts('project'), dataset: project }],
    ['create', { facts: facts('volume'), dataset: main }],
    ['mount', { dataset: main }],
    ['own', { account: 'alice', dataset: main }],
    ['snapshot', { facts: facts('snapshot'), snapshot: `${main}@s1` }],
    ['clone', { facts: facts('volume'), snapshot: `${main}@s1`, dataset: dev }],
    ['unmount', { dataset: dev }],
    ['promote', { dataset: dev }],
    ['promote', { dataset: main }],
    ['destroy', { member: dev }],
    ['destroy', { member: `${main}@s1` }],
  )
  t.strictSame(failures, [])
  t.not(statSync(`/${main}`).uid, 0)
})

t.test('what root made below the base is neither changed, copied, renamed nor destroyed', { skip }, async t => {
  zfs('snapshot', `${foreign}@byhand`)
  t.teardown(() => zfs('destroy', `${foreign}@byhand`))
  const codes = await ask(
    ['destroy', { member: foreign }],
    ['destroy', { member: `${foreign}@byhand` }],
    ['destroy', { member: `${base}/shop` }],
    ['set', { facts: facts('volume'), member: foreign }],
    ['set', { facts: facts('project'), member: `${base}/shop` }],
    ['snapshot', { facts: facts('snapshot'), snapshot: `${foreign}@s` }],
    ['clone', { facts: facts('volume'), snapshot: `${foreign}@byhand`, dataset: dev }],
    ['rename', { dataset: foreign, to: dev }],
    ['promote', { dataset: foreign }],
    ['own', { account: 'alice', dataset: foreign }],
    ['create', { facts: facts('volume'), dataset: `${base}/shop/new` }],
    ['rename', { dataset: main, to: `${base}/shop/new` }],
    ['set', { facts: facts('project'), member: main }],
  )
  t.strictSame(new Set(codes), new Set([refused]))
  t.ok(zfs('list', '-H', '-o', 'name', '-t', 'all', '-r', `${base}/shop`).includes('@byhand'))
})

t.test('only a new, empty, mounted dataset is given away', { skip }, async t => {
  t.strictSame(await ask(['own', { account: 'mallory', dataset: main }]), [refused], 'it is alice’s already')
  chownSync(`/${main}`, 0, 0)
  writeFileSync(`/${main}/file`, '')
  t.strictSame(await ask(['own', { account: 'alice', dataset: main }]), [refused], 'it is not empty')
  unlinkSync(`/${main}/file`)
  zfs('unmount', main)
  t.strictSame(await ask(['own', { account: 'alice', dataset: main }]), [refused], 'it is the directory below')
  t.equal(existsSync(`/${main}`) ? statSync(`/${main}`).uid : 0, 0)
})

t.test('a copy, which user-space ZFS mounts at once, covers nothing and follows no link', { skip }, async t => {
  t.strictSame(await ask(['snapshot', { facts: facts('snapshot'), snapshot: `${main}@s2` }]), [undefined])
  const clone = ['clone', { facts: facts('volume'), snapshot: `${main}@s2`, dataset: dev }] as const
  mkdirSync(`/${dev}/in-the-way`, { recursive: true })
  t.strictSame(await ask(clone), [refused], 'something lies there')
  rmdirSync(`/${dev}/in-the-way`)
  rmdirSync(`/${dev}`)
  symlinkSync('/etc', `/${dev}`)
  t.strictSame(await ask(clone), [refused], 'a link')
  t.strictSame(await ask(['rename', { dataset: main, to: dev }]), [refused], 'and so for another name')
  unlinkSync(`/${dev}`)
  zfs('set', 'canmount=on', project)
  t.strictSame(await ask(clone), [refused], 'a project that may be mounted')
  zfs('set', 'canmount=off', project)
  t.notOk(isMounted('/etc'))
  t.strictSame(await ask(clone), [undefined])
})

t.test('a clone of what lies elsewhere is not promoted, which would take it over', { skip }, async t => {
  zfs('snapshot', 'tank/other@s')
  zfs('clone', '-o', 'canmount=noauto', '-o', facts('volume'), 'tank/other@s', `${project}/taken`)
  t.teardown(() => {
    spawnSync('/usr/sbin/zfs', ['unmount', `${project}/taken`])
    zfs('destroy', `${project}/taken`)
    zfs('destroy', 'tank/other@s')
  })
  t.strictSame(await ask(['promote', { dataset: `${project}/taken` }]), [refused])
})
