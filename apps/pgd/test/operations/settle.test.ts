import t from 'tap'
import type { VolumeFacts } from '../../src/facts/model.ts'
import type { Id } from '../../src/names/id.ts'
import type { Name } from '../../src/names/name.ts'
import { isUnsettled } from '../../src/operations/discard.ts'
import type { Snapshot, Volume } from '../../src/store/store.ts'
import { worldOf } from '../../src/world/world.ts'

const project = 'shop' as Name
const [parent, child] = ['aaaaaaaaaa', 'bbbbbbbbbb'] as const

function volume(branch: string, id: string, more: Partial<VolumeFacts> = {}, of: Partial<Volume> = {}): Volume {
  const facts = { id: id as Id, state: 'ready', created: 0, port: 6500, wanted: 'running', ...more } as const
  const place = { project, branch: branch as Name, generation: 1, path: `/v/${branch}` }
  return { ...place, facts, guid: `guid-${branch}`, isMounted: true, used: 0, referenced: 0, ...of }
}

const snapshotOf = (branch: string): Snapshot => ({
  of: { project, branch: branch as Name, generation: 1 },
  facts: { id: 'cccccccccc' as Id, kind: 'branch', created: 0 },
  ...{ guid: 'guid-snapshot', used: 0, clones: [] },
})

const unsettled = (
  volumes: readonly Volume[],
  snapshots: readonly Snapshot[] = [],
  kind: 'zfs' | 'directory' = 'zfs',
): string[] => {
  const world = worldOf({ projects: [], volumes, snapshots, foreign: [] }, [])
  return world.branches.filter(one => isUnsettled(world, one, { kind })).map(({ branch }) => branch)
}

t.test('a branch whose parent hangs from it already was half promoted', async t => {
  const hanging = { origin: 'guid-snapshot' }
  const facts = { parent: parent as Id }
  t.same(unsettled([volume('parent', parent), volume('child', child, facts, hanging)], [snapshotOf('parent')]), [])
  t.same(unsettled([volume('parent', parent, {}, hanging), volume('child', child, facts)], [snapshotOf('child')]), [
    'child',
  ])
  t.same(unsettled([volume('parent', parent, {}, hanging), volume('child', child)], [snapshotOf('child')]), [])
})

t.test('what is being made or deleted, and what was replaced and not retired, is to be settled', async t => {
  t.same(unsettled([volume('a', parent, { state: 'creating' }), volume('b', child, { state: 'deleting' })]), ['a', 'b'])
  const next = volume('a', parent, {}, { generation: 2, guid: 'next' })
  t.same(unsettled([volume('a', parent), next]), ['a'])
  const retired = (isMounted: boolean) => volume('a', parent, { state: 'retired' }, { isMounted })
  t.same(unsettled([retired(false), next]), [])
  t.same(unsettled([retired(true), next]), ['a'], 'whoever retired it was killed before it was unmounted')
  t.same(unsettled([retired(true), next], [], 'directory'), [], 'where nothing is ever mounted')
})
