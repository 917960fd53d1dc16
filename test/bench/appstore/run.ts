import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startLab } from '../../../packages/proxmox-lab/src/index.ts'
import { describe, type Figure } from '../figure.ts'
import { preferProcess } from '../prefer.ts'
import { buildDaemon } from './build.ts'
import { followers, indexing, installs, listing } from './cases.ts'
import { writeCatalog } from './catalog.ts'
import { startStore } from './start.ts'

// The figures of the app store. The lab and those who ask are in this process, the daemon is in its own. No rights, no
// guests: what is in a guest is no part of the figures.

const quick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
const apps = 1000
const lines = quick ? 40 : 200

preferProcess()
const program = await buildDaemon()
const base = mkdtempSync('/var/tmp/appstore-bench-')
try {
  const [state, catalog] = [join(base, 'state'), join(base, 'catalog')]
  mkdirSync(state, { mode: 0o700 })
  writeCatalog(catalog, apps)
  const figures: Figure[] = []
  const add = (...more: readonly Figure[]): void => {
    figures.push(...more)
    if (!isJson) console.log(describe(more))
  }
  add(await indexing(program.path, base, apps, quick ? 2 : 7))
  const lab = await startLab({ directory: join(base, 'lab') })
  try {
    const talk = { lines, pause: 50 }
    const { url, fingerprint, tokenId, tokenSecret } = lab
    const options = { lab: { url, fingerprint, tokenId, tokenSecret }, state, catalog, talk, jobs: 20 }
    await startStore(program.path, options).then(first => first.stop())
    const store = await startStore(program.path, options)
    // Idle: what was needed to start only is collected meanwhile.
    await wait(quick ? 2000 : 15_000)
    const wanted = { atMost: 120 }
    add({
      name: 'memory of the idle daemon',
      value: store.memory(),
      unit: 'MB',
      target: wanted,
      note: 'MALLOC_ARENA_MAX=1',
    })
    add(...(await listing(store, quick ? 1000 : 4000)))
    add(await installs(store, 20))
    add(...(await followers(store, 500, lines)))
    add({ name: 'memory of the daemon after all that', value: store.memory(), unit: 'MB' })
    await store.stop()
  } finally {
    await lab.stop()
  }
  if (isJson) console.log(JSON.stringify(figures))
} finally {
  program.remove()
  rmSync(base, { recursive: true, force: true })
}
