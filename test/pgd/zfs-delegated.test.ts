import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import type { SnapshotFacts, VolumeFacts } from '../../apps/pgd/src/facts/model.ts'
import { newId } from '../../apps/pgd/src/names/id.ts'
import { type Name, readName } from '../../apps/pgd/src/names/name.ts'
import { openZfsStore } from '../../apps/pgd/src/store/zfs/open.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'

/*
 * The verbs as an account runs them by itself. User-space ZFS has no delegation and serves root alone, so this is root; the
 * virtual machine has real delegation.
 */
const skip = insideHost()
  ? false
  : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/zfs-delegated.test.ts'
if (skip === false) prepareHost({ zfs: true })

const policy = join(import.meta.dirname, '../../policies/pgd.yaml')
const base = 'tank/pgd/databases'
const project = readName('delegated') as Name
const at = (branch: string) => ({ project, branch: readName(branch) as Name, generation: 1 })
const created = 1_790_000_000_000
const facts = (): VolumeFacts => ({ id: newId(), state: 'creating', created, port: 5433, wanted: 'running' })
const snapshot = (): SnapshotFacts => ({ id: newId(), kind: 'branch', created })
const notRunning = async (copy: () => Promise<void>) => void (await copy())

t.test('a policy that grants mounting alone leaves the rest to the account', { skip }, async t => {
  t.teardown(() => spawnSync('/usr/sbin/zfs', ['destroy', '-r', `${base}/${project}`]))
  const store = await openZfsStore(base, { PGD_POLICY: policy })
  t.equal(store?.title, `zfs:${base}`)
  if (store === undefined) return
  await store.createProject(project, { id: newId(), created, runtime: 'process', version: 15 })
  const main = await store.createVolume(at('main'), facts())
  t.match(main, { isMounted: true, path: `/${base}/delegated/main` })
  const { volume } = await store.copyVolume(main, snapshot(), at('dev'), facts(), notRunning)
  await t.rejects(store.copyVolume(main, snapshot(), at('dev'), facts(), notRunning), { code: 'PGD_EXISTS' })
  const ready = await store.changeVolume(volume, { ...volume.facts, state: 'ready' })
  const renamed = await store.renameVolume(ready, at('next'))
  await store.promote(renamed)
  await store.promote(main)
  const found = await store.list()
  t.strictSame(found.volumes.map(({ branch, facts }) => [branch, facts.state]).sort(), [
    ['main', 'creating'],
    ['next', 'ready'],
  ])
  t.equal(found.snapshots.length, 1)
  await store.destroyVolume(renamed)
  await store.destroyVolume(main)
  await store.destroyProject(project)
  t.notOk((await store.list()).projects.some(({ name }) => name === project))
  t.ok((await store.space()).free > 0)
})

t.test('no policy, another base, or another depth is told', { skip }, async t => {
  t.equal(await openZfsStore(undefined, {}), undefined, 'nothing was set up, and nobody asked for it')
  await t.rejects(openZfsStore(base, { PGD_POLICY: '/nowhere.yaml' }), { code: 'PGD_NOT_SET_UP' })
  await t.rejects(openZfsStore('tank/other', { PGD_POLICY: policy }), { code: 'PGD_NOT_SET_UP', field: 'store' })
  const appstore = join(import.meta.dirname, '../../policies/appstore.yaml')
  await t.rejects(openZfsStore(base, { PGD_POLICY: appstore }), { code: 'PGD_NOT_SET_UP' })
})
