// A process that makes, copies, changes and removes volumes of the store at <root>, for ever. Says `ready` first.
import { parseName } from '../../../../src/names/name.ts'
import { openDirectoryStore } from '../../../../src/store/directory/open.ts'
import { snapshotFacts, stopped, volumeFacts, volumeName } from './store.ts'

const [root = '', me = ''] = process.argv.slice(2)
const store = openDirectoryStore(root)
const main = (await store.list()).volumes.find(({ branch }) => branch === parseName('main', 'branch'))
if (main === undefined) throw new Error('no volume to copy')
console.log('ready')
for (let i = 0; ; i += 1) {
  const { volume } = await store.copyVolume(
    main,
    snapshotFacts(),
    volumeName(`copy-${me}-${i}`),
    volumeFacts(),
    stopped,
  )
  const ready = await store.changeVolume(volume, { ...volume.facts, state: 'ready' })
  const snapshot = await store.snapshot(ready, snapshotFacts(), stopped)
  const clone = await store.cloneSnapshot(snapshot, volumeName(`clone-${me}-${i}`), volumeFacts())
  await store.destroySnapshot(snapshot)
  await store.destroyVolume(await store.renameVolume(ready, volumeName(`new-${me}-${i}`)))
  await store.destroyVolume(clone)
}
