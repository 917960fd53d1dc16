import { escapeValue } from '../errors/escape.ts'
import type { Guard, GuardSubject } from './guard.ts'
import { isPlainPath, notEmpty } from './zfs.ts'
import type { Property } from './zfs-properties.ts'
import { baseOf, properties } from './zfs-subject.ts'

/** User properties that mark what a program of ours made, by its place below the base. */
const marks = ['pgd:project', 'pgd:volume', 'pgd:snapshot'] as const
type Mark = (typeof marks)[number]

const guardOf = (
  name: string,
  summary: string,
  check: (subject: GuardSubject) => Promise<string | undefined>,
): Guard => ({ name, summary, settings: [], check })

/** The mark that a name must have: a snapshot's, one of a dataset at the depth of the base, or one of a parent. */
function markOf(name: string, { dataset, depth }: { dataset: string; depth: number }): Mark | undefined {
  if (!name.startsWith(`${dataset}/`)) return undefined
  if (name.includes('@')) return 'pgd:snapshot'
  const level = name.slice(dataset.length).split('/').length - 1
  if (level === depth) return 'pgd:volume'
  return level === depth - 1 ? 'pgd:project' : undefined
}

/** Why something is not ours; what is inherited was set on something else. */
async function notOurs(subject: GuardSubject, name: string): Promise<string | undefined> {
  const base = baseOf(subject.where.base)
  const mark = markOf(name, base)
  if (mark === undefined) return `${escapeValue(name)} has no place below ${base.dataset}`
  const answer = await properties(subject, [name], [mark])
  return typeof answer === 'string' ? answer : unmarked(name, mark, answer[0]?.[mark])
}

const unmarked = (name: string, mark: Mark, property: Property | undefined): string | undefined =>
  property?.source === 'local' ? undefined : `${name} has no ${mark} of its own`

const parentOf = (name: string): string => name.slice(0, name.lastIndexOf('/'))

/** Nothing is changed or destroyed below the base that somebody else made there. */
export const ourDataset = guardOf(
  'our-dataset',
  'The dataset has a property of its own that marks it as made by pgd: pgd:project or pgd:volume',
  subject => notOurs(subject, String(subject.values.dataset)),
)

/** The same for what may be a snapshot; what is set must be the mark that is there already. */
export const ourMember = guardOf(
  'our-member',
  'The dataset or snapshot has a property of its own that marks it: pgd:project, pgd:volume or pgd:snapshot',
  async subject => {
    const { member, facts } = subject.values
    const mark = markOf(String(member), baseOf(subject.where.base))
    if (facts !== undefined && !String(facts).startsWith(`${mark}=`)) {
      return `${escapeValue(member)} is marked by ${mark}, not by ${escapeValue(String(facts).split('=')[0])}`
    }
    return notOurs(subject, String(member))
  },
)

/** Before a snapshot there is none to be marked, so its dataset is. */
export const snapshotOfOurs = guardOf(
  'snapshot-of-ours',
  'The dataset of the snapshot has the property pgd:volume of its own',
  subject => notOurs(subject, String(subject.values.snapshot).replace(/@.*$/, '')),
)

/** What is cloned becomes readable to whoever owns its files; that is for those to say who made the snapshot. */
export const ourSnapshot = guardOf('our-snapshot', 'The snapshot has the property pgd:snapshot of its own', subject =>
  notOurs(subject, String(subject.values.snapshot)),
)

/** Promotion moves snapshots from the dataset of the origin, and makes that one hang from the promoted one. */
export const originOfOurs = guardOf(
  'origin-of-ours',
  'The dataset is a clone of a snapshot of one at the same depth, which has the property pgd:volume of its own',
  async subject => {
    const name = String(subject.values.dataset)
    const answer = await properties(subject, [name], ['origin'])
    if (typeof answer === 'string') return answer
    const origin = answer[0]?.origin.value ?? '-'
    if (origin === '-') return undefined
    const from = origin.replace(/@.*$/, '')
    const isBranch = markOf(from, baseOf(subject.where.base)) === 'pgd:volume'
    return isBranch ? notOurs(subject, from) : `${name} was made from ${escapeValue(origin)}`
  },
)

/**
 * Where a new dataset will be mounted: the way is the one that the base gives, nothing is hidden, and no rights come
 * along. This is asked before it exists, since user-space ZFS mounts what it clones whatever canmount says.
 */
const newPlace = (field: 'dataset' | 'to'): Guard =>
  guardOf(
    'new-place',
    'The parent of the new dataset is marked by pgd:project, never mounted, as safe as its base, and the mount point to be is empty',
    async subject => {
      const name = String(subject.values[field])
      const base = baseOf(subject.where.base)
      const parent = parentOf(name)
      if (markOf(parent, base) !== 'pgd:project') return `${escapeValue(name)} has no place below ${base.dataset}`
      const wanted = ['type', 'mountpoint', 'canmount', 'setuid', 'devices', 'pgd:project'] as const
      const answer = await properties(subject, [base.dataset, parent], wanted)
      if (typeof answer === 'string') return answer
      const [ofBase, of] = answer
      if (!ofBase || !of) return `zfs said nothing of ${parent}`
      const root = ofBase.mountpoint.value
      if (!isPlainPath(root)) return `${base.dataset} has mountpoint=${escapeValue(root)}`
      if (of.canmount.value !== 'off') return `${parent} has canmount=${escapeValue(of.canmount.value)}`
      if (of.setuid.value !== 'off' || of.devices.value !== 'off') return `${parent} has setuid or devices on`
      const point = `${root}${name.slice(base.dataset.length)}`
      if (of.mountpoint.value !== parentOf(point)) return `${parent} has mountpoint=${escapeValue(of.mountpoint.value)}`
      return unmarked(parent, 'pgd:project', of['pgd:project']) ?? (await notEmpty(subject.host, name, point))
    },
  )

export const newDatasetPlace: Guard = newPlace('dataset')
export const renamedPlace: Guard = newPlace('to')
