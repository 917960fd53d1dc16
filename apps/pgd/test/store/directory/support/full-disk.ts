// A process that has a small file system of its own at <folder>. Prints what each call came to when it is full.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPgdError } from '../../../../src/errors/error.ts'
import { openDirectoryStore } from '../../../../src/store/directory/open.ts'
import { filesBelow, projectFacts, shop, snapshotFacts, stopped, volumeFacts, volumeName, writeFiles } from './store.ts'

const [folder = ''] = process.argv.slice(2)
const root = join(folder, 'databases')
const store = openDirectoryStore(root)
const megabyte = Buffer.alloc(2 ** 20, 1)
await store.createProject(shop, projectFacts())
const volume = await store.createVolume(volumeName('main'), volumeFacts())
writeFiles(volume.path, Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`data/${i}`, megabyte])))
const before = filesBelow(root)
const attempt = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'made'
  } catch (error) {
    if (!isPgdError(error)) throw error
    return `${error.code}${filesBelow(root).join() === before.join() ? '' : ' and something left'}`
  }
}
const copy = await attempt(store.copyVolume(volume, snapshotFacts(), volumeName('dev'), volumeFacts(), stopped))
const snapshot = await attempt(store.snapshot(volume, snapshotFacts(), stopped))
const isTight = (await store.space()).free < 4 * 2 ** 20
try {
  for (;;) writeFileSync(join(folder, 'filler'), megabyte.subarray(0, 4096), { flag: 'a' })
} catch {
  // Not one block is left now.
}
const create = await attempt(store.createVolume(volumeName('dev'), volumeFacts()))
const change = await attempt(store.changeVolume(volume, { ...volume.facts, state: 'ready' }))
const state = (await store.list()).volumes[0]?.facts.state
rmSync(join(folder, 'filler'))
const after = await attempt(store.changeVolume(volume, { ...volume.facts, state: 'ready' }))
await store.destroyVolume(volume)
console.log(JSON.stringify({ copy, snapshot, isTight, create, change, state, after, rest: filesBelow(root) }))
