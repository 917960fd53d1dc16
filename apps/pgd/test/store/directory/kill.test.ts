import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { filesBelow, newStore, snapshotFacts, volumeFacts, volumeName, writeFiles } from './support/store.ts'

const worker = new URL('support/worker.ts', import.meta.url).pathname

/** Starts a process that works in the store, and kills it a moment after it began; how long that is, is of no matter. */
async function killAfter(root: string, me: number, milliseconds: number): Promise<void> {
  const args = ['--conditions=@broker/source', worker, root, String(me)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await new Promise(resolve => setTimeout(resolve, milliseconds))
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

t.test(
  'a process that is killed at any moment leaves whole volumes, and scratch that the next call removes',
  async t => {
    const store = await newStore(t)
    const main = await store.createVolume(volumeName('main'), volumeFacts())
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`data/base/5/${i}`, `content of ${i}`]))
    writeFiles(main.path, files)
    const whole = filesBelow(main.path)
    let left = 0
    for (let me = 0; me < 12; me += 2) {
      await Promise.all([
        killAfter(store.root, me, Math.random() * 400),
        killAfter(store.root, me + 1, Math.random() * 400),
      ])
      const { volumes, snapshots, foreign, leftovers } = await store.list()
      left += leftovers?.length ?? 0
      t.same(foreign, [])
      for (const { path } of volumes) t.same(filesBelow(path), whole)
      for (const { of, facts } of snapshots) {
        t.same(filesBelow(join(store.pathOf(of), '../snapshots', facts.id, 'volume')), whole)
      }
      t.same(await store.sweep?.(), leftovers)
      t.same(readdirSync(join(store.root, '.scratch')), [])
    }
    t.comment(`${left} of 12 were killed while something was being made or removed`)
    for (const volume of (await store.list()).volumes) await store.destroyVolume(volume)
    t.same(filesBelow(store.root), ['shop/.pgd'])
  },
)

t.test(
  'what a process left that was killed is removed by the next call that makes something, and not while it works',
  async t => {
    const store = await newStore(t)
    const main = await store.createVolume(volumeName('main'), volumeFacts())
    const scratch = join(store.root, '.scratch')
    writeFiles(scratch, { 'abcdefghjk/made/volume/x': '', 'abcdefghjk.lock': '', 'kjhgfedcba.lock': '' })
    t.same((await store.list()).leftovers, ['abcdefghjk'])
    let during: unknown
    await store.snapshot(main, snapshotFacts(), async copy => {
      during = [(await store.list()).leftovers, await store.sweep?.(), readdirSync(scratch).length]
      await copy()
      return undefined
    })
    t.same(during, [[], [], 2], 'only what is in use is there')
    t.same(readdirSync(scratch), [])
  },
)
