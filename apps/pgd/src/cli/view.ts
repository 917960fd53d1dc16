import type { BranchView, Mending, ProjectView, SnapshotView, WalView } from '../api.ts'
import { age, bytes, colour, list, shown, table } from './style.ts'

/** Table of branches. */
export const branchTable = (branches: readonly BranchView[]): string =>
  table(
    ['BRANCH', 'ID', 'STATE', 'PORT', 'PARENT', 'OWN', 'AGE', 'NOTE'],
    branches.map(branch => [
      branch.name,
      branch.id,
      branch.state,
      String(branch.port),
      branch.parent ?? '-',
      branch.used === 0 ? '-' : bytes(branch.used),
      age(branch.dataTime),
      noteOf(branch),
    ]),
  )

function noteOf({ isProtected, isEphemeral, expires, reason, label }: BranchView): string {
  return [
    isProtected ? 'protected' : '',
    isEphemeral ? 'ephemeral' : '',
    expires === undefined ? '' : `${Date.parse(expires) < Date.now() ? 'expired' : 'expires in'} ${age(expires)}`,
    label ?? '',
    reason ?? '',
  ]
    .filter(Boolean)
    .join(', ')
}

/** All of one branch. */
export const branchText = (branch: BranchView): string =>
  list([
    ['Branch', branch.name],
    ['Id', branch.id],
    ['State', branch.reason === undefined ? branch.state : `${branch.state} (${branch.reason})`],
    ['Address', `${branch.host}:${branch.port}`],
    ['Parent', branch.parent],
    ['Created', branch.created],
    ['Data of', branch.dataTime],
    ['Own space', branch.used === 0 ? undefined : bytes(branch.used)],
    ['Shows', branch.referenced === 0 ? undefined : bytes(branch.referenced)],
    ['Protected', branch.isProtected ? 'yes' : undefined],
    ['Expires', branch.expires],
    ['Ephemeral', branch.isEphemeral ? 'yes' : undefined],
    ['Label', branch.label],
    ['Memory', branch.memory === undefined ? undefined : bytes(branch.memory)],
    ['Processors', branch.cpus === undefined ? undefined : String(branch.cpus)],
    ['Undo', branch.undo && `the data from before the reset are kept until ${branch.undo.expires}`],
  ])

/** Table of projects. */
export const projectTable = (projects: readonly ProjectView[]): string =>
  table(
    ['PROJECT', 'ID', 'POSTGRESQL', 'BRANCHES', 'RUNNING', 'SPACE', 'AGE'],
    projects.map(project => [
      project.name,
      project.id,
      serverOf(project),
      String(project.branches),
      String(project.running),
      bytes(project.used),
      age(project.created),
    ]),
  )

const serverOf = ({ runtime, image, version }: ProjectView): string =>
  image === undefined ? `${version} (${runtime})` : `${version} (${shown(image)})`

/** All of one project. */
export const projectText = (project: ProjectView): string =>
  list([
    ['Project', project.name],
    ['Id', project.id],
    ['PostgreSQL', serverOf(project)],
    ['Branches', `${project.branches}, of which ${project.running} run`],
    ['Space', bytes(project.used)],
    ['Created', project.created],
  ])

/** Table of snapshots. */
export const snapshotTable = (snapshots: readonly SnapshotView[]): string =>
  table(
    ['SNAPSHOT', 'BRANCH', 'LABEL', 'CREATED', 'SPACE', 'DEPENDENTS'],
    snapshots.map(({ id, branch, kind, label, created, used, dependents }) => [
      id,
      branch,
      label ?? (kind === 'branch' ? '(of a branch)' : '-'),
      created,
      bytes(used),
      dependents.join(', '),
    ]),
  )

/** What the archive of a branch covers. */
export const walText = (wal: WalView): string =>
  list([
    ['Branch', wal.branch],
    ['Archive', `${wal.segments} segments, ${bytes(wal.bytes)}`],
    ['Timeline', wal.timeline === undefined ? undefined : String(wal.timeline)],
    ['From', wal.from ?? 'no instant can be gone back to'],
    ['To', wal.to],
    ['Lacking', wal.gaps.length === 0 ? undefined : wal.gaps.slice(0, 5).join(', ')],
    ['Failing', wal.failure],
  ])

/** What was mended, cleaned, or would be. */
export const mendingText = (all: readonly Mending[], isDry: boolean): string =>
  all.length === 0
    ? 'Nothing to do'
    : all
        .map(({ subject, action, done, reason }) => {
          const mark = done ? colour('green', 'done') : isDry ? 'would' : colour('red', 'not done')
          return `${mark}  ${subject}: ${action}${reason === undefined ? '' : ` (${reason})`}`
        })
        .join('\n')
