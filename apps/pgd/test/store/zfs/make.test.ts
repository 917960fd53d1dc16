import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { VolumeFacts } from '../../../src/facts/model.ts'
import { renderVolume } from '../../../src/facts/volume.ts'
import { newId } from '../../../src/names/id.ts'
import type { Name } from '../../../src/names/name.ts'
import type { Volume } from '../../../src/store/store.ts'
import type { Found } from '../../../src/store/zfs/inventory.ts'
import { volumeMaker } from '../../../src/store/zfs/make.ts'
import type { Zfs, ZfsEnd } from '../../../src/store/zfs/verbs.ts'

const at = { project: 'acme' as Name, branch: 'dev' as Name, generation: 1 }
const facts: VolumeFacts = { id: newId(), state: 'creating', created: 0, port: 5433, wanted: 'running' }
const dataset = 'tank/acme/dev'

/** A storage that lists the volume, and notes what is done with it; `place` is where it lies. */
function sceneOf(t: Test, { place = t.testdir(), volumes = [{ ...at, facts, origin: '1' } as Volume] } = {}) {
  const done: string[] = []
  const verb = (name: string) => async (): Promise<ZfsEnd> => {
    done.push(name)
    return { stdout: '' }
  }
  const verbs = ['mount', 'unmount', 'destroy', 'own'].map(name => [name, verb(name)] as const)
  const zfs = { base: 'tank', ...Object.fromEntries(verbs) } as unknown as Zfs
  const rows = new Map([[dataset, { own: new Map([['pgd:volume', renderVolume(facts)]]) }]])
  const list = async () => ({ volumes, rows }) as unknown as Found
  const make = async (): Promise<void> => void done.push('make')
  return { makeVolume: volumeMaker(zfs, list, () => place), make, done }
}
const isOf = (volume: Volume): boolean => volume.origin === '1'

t.test('a copy is mounted, and its files are used while the storage is still listed', async t => {
  const { makeVolume, make, done } = sceneOf(t)
  const arrived = async (): Promise<void> => void done.push('arrived')
  t.match(await makeVolume('Copying', at, facts, make, { isOf, arrived }), { origin: '1', isMounted: true })
  t.same(done, ['make', 'mount', 'arrived'])
})

t.test('what was mounted with its making is not mounted again', async t => {
  const { makeVolume, make, done } = sceneOf(t, { place: '/proc' })
  await makeVolume('Copying', at, facts, make, { isOf })
  t.same(done, ['make'])
})

t.test('an empty volume is handed over to the account', async t => {
  const { makeVolume, make, done } = sceneOf(t)
  await makeVolume('Making', at, facts, make)
  t.same(done, ['make', 'mount', 'own'])
})

t.test('what is not what was made is taken back, and not before its files are left alone', async t => {
  for (const volumes of [[], [{ ...at, facts, origin: '2' } as Volume]]) {
    const { makeVolume, make, done } = sceneOf(t, { volumes })
    const arrived = async (): Promise<void> => {
      await delay(20)
      done.push('arrived')
    }
    await t.rejects(makeVolume('Copying', at, facts, make, { isOf, arrived }), { code: 'PGD_NOT_FOUND' })
    t.same(done, ['make', 'mount', 'arrived', 'unmount', 'destroy'])
  }
})

t.test('what goes wrong with its files is told, and it is taken back', async t => {
  const { makeVolume, make, done } = sceneOf(t)
  const arrived = (): Promise<never> => Promise.reject(new RangeError('full'))
  await t.rejects(makeVolume('Copying', at, facts, make, { isOf, arrived }), RangeError)
  t.same(done, ['make', 'mount', 'unmount', 'destroy'])
})
