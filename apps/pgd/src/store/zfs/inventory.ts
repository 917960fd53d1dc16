import type { Project } from '../../facts/model.ts'
import { parseProject } from '../../facts/project.ts'
import { parseSnapshot } from '../../facts/snapshot.ts'
import { parseVolume } from '../../facts/volume.ts'
import { readName } from '../../names/name.ts'
import { componentOf, type Inventory, readComponent, type Snapshot, type Volume, type VolumeName } from '../store.ts'
import type { Row } from './rows.ts'

/** What lies below a base, with the names that zfs has for it. */
export interface Found extends Inventory {
  /** The base itself. */
  readonly base: Row | undefined
  /** Whole names of datasets and snapshots, by guid; of what is not ours too. */
  readonly names: ReadonlyMap<string, string>
  /** All of them by name. */
  readonly rows: ReadonlyMap<string, Row>
}

/** Dataset of a project's volume. */
export const datasetOf = (base: string, at: VolumeName): string => `${base}/${at.project}/${componentOf(at)}`

/** Tells ours from foreign: ours has facts of its own, at its place, that can be read. */
export function readInventory(base: string, mountpoint: string, rows: ReadonlyMap<string, Row>): Found {
  const all = [...rows.values()]
  const places = all.filter(({ name }) => name !== base).map(row => ({ row, ...placeOf(base, row.name) }))
  const clones = clonesOf(rows)
  const foreign: string[] = []
  // What cannot be read counts as foreign, and is left alone.
  const ours = <T>(
    kind: Place['kind'],
    read: (place: Place & { readonly row: Row }) => T | undefined,
  ): Map<string, T> => {
    const found = new Map<string, T>()
    for (const place of places) {
      if (place.kind !== kind) continue
      const one = read(place)
      if (one === undefined) foreign.push(place.row.name)
      else found.set(place.row.name, one)
    }
    return found
  }
  const projects = ours<Project>('project', ({ row, project }) => {
    const [name, facts] = [readName(project), parseOwn(row, 'pgd:project', parseProject)]
    return name && facts && { name, facts }
  })
  const volumes = ours<Volume>('volume', ({ row, project, component }) => {
    const of = projects.get(`${base}/${project}`)
    const [name, facts] = [readComponent(component), parseOwn(row, 'pgd:volume', parseVolume)]
    if (!of || !name || !facts || text(row, 'type') !== 'filesystem') return undefined
    return volumeOf(row, { project: of.name, ...name }, facts, rows, `${mountpoint}/${project}/${component}`)
  })
  const snapshots = ours<Snapshot>('snapshot', ({ row, dataset }) => {
    const [of, facts] = [volumes.get(dataset), parseOwn(row, 'pgd:snapshot', parseSnapshot)]
    return of && facts && snapshotOf(row, of, facts, clones.get(row.name) ?? [])
  })
  ours('other', () => undefined)
  return {
    projects: [...projects.values()],
    volumes: [...volumes.values()],
    snapshots: [...snapshots.values()],
    foreign: foreign.sort(),
    base: rows.get(base),
    names: new Map(all.map(row => [text(row, 'guid'), row.name])),
    rows,
  }
}

/** What a name below the base can be, by its form. */
interface Place {
  readonly kind: 'project' | 'volume' | 'snapshot' | 'other'
  readonly dataset: string
  readonly project: string
  readonly component: string
}

function placeOf(base: string, name: string): Place {
  const [dataset = '', tag] = name.split('@')
  const [project = '', component = '', ...deeper] = dataset.slice(base.length + 1).split('/')
  const place = { dataset, project, component }
  if (deeper.length > 0) return { ...place, kind: 'other' }
  if (tag !== undefined) return { ...place, kind: component === '' ? 'other' : 'snapshot' }
  return { ...place, kind: component === '' ? 'project' : 'volume' }
}

/** A number of bytes that zfs tells. */
export const bytes = (row: Row, property: string): number => Number(row.values.get(property)) || 0

const text = (row: Row, property: string): string => row.values.get(property) ?? '-'

function parseOwn<T>(row: Row, mark: string, parse: (text: string) => T | undefined): T | undefined {
  const own = row.own.get(mark)
  return own === undefined ? undefined : parse(own)
}

/** Guids of what hangs from each snapshot, by its name. */
function clonesOf(rows: ReadonlyMap<string, Row>): ReadonlyMap<string, readonly string[]> {
  const clones = new Map<string, string[]>()
  for (const row of rows.values()) {
    const origin = text(row, 'origin')
    if (origin === '-' || origin === '') continue
    const known = clones.get(origin)
    if (known === undefined) clones.set(origin, [text(row, 'guid')])
    else known.push(text(row, 'guid'))
  }
  return clones
}

function volumeOf(
  row: Row,
  at: VolumeName,
  facts: Volume['facts'],
  rows: ReadonlyMap<string, Row>,
  path: string,
): Volume {
  const origin = text(row, 'origin')
  const from = rows.get(origin)
  return {
    ...at,
    facts,
    guid: text(row, 'guid'),
    path,
    isMounted: text(row, 'mounted') === 'yes',
    ...(origin === '-' || origin === '' ? {} : { origin: from === undefined ? origin : text(from, 'guid') }),
    used: bytes(row, 'used'),
    referenced: bytes(row, 'referenced'),
  }
}

const snapshotOf = (
  row: Row,
  { project, branch, generation }: VolumeName,
  facts: Snapshot['facts'],
  clones: readonly string[],
): Snapshot => ({
  of: { project, branch, generation },
  facts,
  guid: text(row, 'guid'),
  used: bytes(row, 'used'),
  clones,
})
