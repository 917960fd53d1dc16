import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { renderVolume } from '../../../apps/pgd/src/facts/volume.ts'
import { newId } from '../../../apps/pgd/src/names/id.ts'
import { parseName } from '../../../apps/pgd/src/names/name.ts'
import { openDirectoryStore } from '../../../apps/pgd/src/store/directory/open.ts'
import { listedProperties } from '../../../packages/privexec/src/index.ts'
import type { Figure } from '../figure.ts'
import { median, spread, timed } from '../statistics.ts'
import type { AsRoot } from './bare.ts'
import { command, type Place } from './place.ts'

const start = promisify(execFile)
const main = join(import.meta.dirname, '../../../apps/pgd/dist/cli/main.js')

/** `pgd --help` and bare Node, in turns. */
export async function helpTime(rounds: number): Promise<Figure> {
  const [bare, help]: [number[], number[]] = [[], []]
  for (let round = -2; round < rounds; round++) {
    const times = [
      await timed(() => start(process.execPath, ['--eval', '0'])),
      await timed(() => start(process.execPath, [main, '--help'])),
    ] as const
    if (round < 0) continue
    bare.push(times[0])
    help.push(times[1])
  }
  const cases = { 'node --eval 0': spread(bare), 'pgd --help': spread(help) }
  return {
    name: 'pgd --help over bare Node',
    value: median(help) / median(bare),
    unit: 'times',
    target: { atMost: 1.5 },
    cases,
  }
}

/** `pgd branch list` of many branches that do not run. */
export async function listTime(place: Place, asRoot: AsRoot, count: number, rounds: number): Promise<Figure> {
  await (place.store.startsWith('zfs:') ? addDatasets(asRoot, count) : addDirectories(place, count))
  const [times, zfs]: [number[], number[]] = [[], []]
  for (let round = -1; round < rounds; round++) {
    const time = await timed(() => command(place, 'branch', 'list'))
    const bare = place.store.startsWith('zfs:')
      ? await asRoot('/usr/sbin/zfs', 'get', '-rHp', listedProperties.join(','), base)
      : undefined
    if (round < 0) continue
    times.push(time)
    if (bare !== undefined) zfs.push(bare)
  }
  return {
    name: `${place.title}: list of ${count} branches, command`,
    value: median(times),
    unit: 'ms',
    target: { atMost: 200 },
    cases: { 'branch list': spread(times), ...(zfs.length > 0 ? { 'bare zfs get': spread(zfs) } : {}) },
  }
}

const base = 'bench/pgd/databases'
const facts = () => ({ id: newId(), state: 'ready', created: Date.now(), port: 6500, wanted: 'stopped' }) as const

async function addDatasets(asRoot: AsRoot, count: number): Promise<void> {
  const project = `id=${newId()},created=2026-01-01T00:00:00.000Z,runtime=process,version=15`
  await asRoot('/usr/sbin/zfs', 'create', '-o', 'canmount=off', '-o', `pgd:project=${project}`, `${base}/many`)
  for (let at = 0; at < count; at++) {
    const property = `pgd:volume=${renderVolume(facts())}`
    await asRoot('/usr/sbin/zfs', 'create', '-o', 'canmount=noauto', '-o', property, `${base}/many/b${at}`)
  }
}

async function addDirectories({ store }: Place, count: number): Promise<void> {
  const directory = openDirectoryStore(store.replace('directory:', ''))
  const project = parseName('many', 'project')
  await directory.createProject(project, { id: newId(), created: Date.now(), runtime: 'process', version: 15 })
  for (let at = 0; at < count; at++) {
    await directory.createVolume({ project, branch: parseName(`b${at}`, 'branch'), generation: 1 }, facts())
  }
}
