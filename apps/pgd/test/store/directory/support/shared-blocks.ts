// A process that has a file system of its own at <folder>. Prints how many bytes a copy of 32 MiB took.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { syncFiles } from '../../../../src/store/directory/sync.ts'
import { newStoreAt, snapshotFacts, stopped, volumeFacts, volumeName, writeFiles } from './store.ts'

const [folder = ''] = process.argv.slice(2)
const store = await newStoreAt(join(folder, 'databases'))
const main = await store.createVolume(volumeName('main'), volumeFacts())
const content = randomBytes(32 * 2 ** 20)
writeFiles(main.path, { 'data/big': content })
await syncFiles(main.path)
const before = (await store.space()).free
const { volume } = await store.copyVolume(main, snapshotFacts(), volumeName('dev'), volumeFacts(), stopped)
const taken = before - (await store.space()).free
const isSame = readFileSync(join(volume.path, 'data/big')).equals(content)
writeFiles(volume.path, { 'data/big': 'changed' })
const isOwn = readFileSync(join(main.path, 'data/big')).equals(content)
console.log(JSON.stringify({ taken, isSame, isOwn }))
