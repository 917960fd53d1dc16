import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, type Figure } from '../figure.ts'
import { bareCopy, bareZfs, startContainer, startProcess } from './bare.ts'
import { grow } from './large.ts'
import { helpTime, listTime } from './list.ts'
import { open, type Place } from './place.ts'
import { branchFigures } from './rounds.ts'

// The figures of pgd, as alice, who has no rights: `pgd` as it is published, on three kinds of storage and runtime, and
// the same steps bare. Every place and way takes turns within a round.

const isJson = process.argv.includes('--json')
const isQuick = process.argv.includes('--quick')
const isLarge = process.env.BENCH_LARGE === '1'
const rounds = isQuick ? 1 : 10

const [questions, answers] = [new Socket({ fd: 3 }), new Socket({ fd: 4 })]
const lines = createInterface(answers)
const asRoot = async (...argv: readonly string[]): Promise<number> => {
  questions.write(`${JSON.stringify(argv)}\n`)
  const [line] = await once(lines, 'line')
  return Number(line)
}

const wanted: readonly (Omit<Place, 'project'> & { readonly project: string })[] = [
  {
    title: 'directory, processes',
    store: 'directory:/out/alice/databases',
    runtime: 'process',
    project: 'plain',
    bare: bareCopy('/out/alice'),
    startBare: startProcess,
    atMost: 300,
  },
  {
    title: 'user-space ZFS, processes',
    store: 'zfs:bench/pgd/databases',
    runtime: 'process',
    project: 'fuse',
    bare: bareZfs(asRoot, 'fuse'),
    startBare: startProcess,
    atMost: 300,
  },
  {
    title: 'user-space ZFS, Docker',
    store: 'zfs:bench/pgd/databases',
    runtime: 'docker',
    project: 'docker',
    bare: bareZfs(asRoot, 'docker'),
    startBare: startContainer,
    atMost: 500,
  },
]

const figures: Figure[] = []
const add = (some: readonly Figure[]): void => {
  figures.push(...some)
  if (!isJson) console.log(describe(some))
}

add([await helpTime(isQuick ? 3 : 40)])
for (const place of wanted) {
  const opened = await open(place)
  add(await branchFigures(opened, rounds, ''))
  // A copy takes as long as there is to copy.
  if (isLarge && place.store.startsWith('zfs:')) {
    await grow(opened)
    add(await branchFigures(opened, isQuick ? 1 : 5, ', 1 GB and 25,000 tables'))
  }
  await opened.close()
}
for (const place of wanted.slice(0, 2)) add([await listTime(place, asRoot, isQuick ? 5 : 200, isQuick ? 3 : 20)])
if (isJson) console.log(JSON.stringify(figures))
for (const stream of [questions, answers]) stream.destroy()
