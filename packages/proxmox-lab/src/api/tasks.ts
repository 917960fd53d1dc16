import { has } from '../access/check.ts'
import { splitToken } from '../access/identity.ts'
import { splitList } from '../schema/formats.ts'
import { boolean, integer, node, type Parameters, string, vmid } from '../schema/property.ts'
import type { TaskRecord } from '../state/types.ts'
import { parseUpid } from '../tasks/upid.ts'
import { failed, forbidden, invalid } from '../wire/error.ts'
import { type Call, Counted, type Endpoint, flag, need, text } from './endpoint.ts'

const path = '/nodes/{node}/tasks'
const upid: Parameters = { node, upid: string() }

/** A task as answers have it; the user of a token's task is the token's owner. */
function shownTask(record: TaskRecord, nodeName: string): Record<string, unknown> {
  const { user, token } = splitToken(record.user)
  const { upid: id, type, pid, pstart, starttime } = record
  return {
    upid: id,
    node: nodeName,
    pid,
    pstart,
    starttime,
    type,
    id: record.id,
    user,
    ...(token && { tokenid: token }),
  }
}

/** The task of a UPID; throws 403 for somebody else's. */
function taskOf({ world, params, who }: Call, privilege = 'Sys.Audit'): TaskRecord {
  const text = need(params, 'upid')
  if (parseUpid(text) === undefined) throw invalid({ upid: 'unable to parse worker upid' })
  const record = world.tasks.find(text)
  if (record === undefined) throw failed('no such task')
  const isOwn = record.user === who || splitToken(record.user).user === who
  if (!isOwn && !has(world.state, who, `/nodes/${world.node}`, [privilege]))
    throw forbidden(`/nodes/${world.node}, ${privilege}`)
  return record
}

const isFailure = ({ exitstatus }: TaskRecord): boolean =>
  exitstatus !== undefined && exitstatus !== 'OK' && !exitstatus.startsWith('WARNINGS')

function statusName({ exitstatus }: TaskRecord): string {
  if (exitstatus === 'OK') return 'ok'
  if (exitstatus === undefined || exitstatus === 'unexpected status') return 'unknown'
  return exitstatus.startsWith('WARNINGS') ? 'warning' : 'error'
}

export const taskEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path,
    permission: 'all',
    parameters: {
      node,
      errors: boolean({ optional: true }),
      limit: integer({ optional: true, minimum: 0 }),
      since: integer({ optional: true }),
      source: string({ optional: true, enum: ['archive', 'active', 'all'] }),
      start: integer({ optional: true, minimum: 0 }),
      statusfilter: string({ optional: true, format: 'pve-task-status-type-list' }),
      typefilter: string({ optional: true }),
      until: integer({ optional: true }),
      userfilter: string({ optional: true }),
      vmid: { ...vmid, optional: true },
    },
    handle: listTasks,
  },
  {
    method: 'GET',
    path: '/cluster/tasks',
    permission: 'all',
    parameters: {},
    handle: ({ world, who }) =>
      [...world.state.tasks]
        .reverse()
        .filter(record => isVisible(world.state, record, who, world.node))
        .slice(0, 25)
        .map(record => ({ ...shownTask(record, world.node), ...ending(record) })),
  },
  {
    method: 'GET',
    path: `${path}/{upid}`,
    permission: 'all',
    parameters: upid,
    handle: () => [{ name: 'log' }, { name: 'status' }],
  },
  {
    method: 'DELETE',
    path: `${path}/{upid}`,
    permission: 'all',
    parameters: upid,
    async handle(call) {
      const record = taskOf(call, 'Sys.Modify')
      await call.world.tasks.stop(record.upid)
      return null
    },
  },
  {
    method: 'GET',
    path: `${path}/{upid}/log`,
    permission: 'all',
    parameters: {
      ...upid,
      download: boolean({ optional: true }),
      limit: integer({ optional: true, minimum: 0 }),
      start: integer({ optional: true, minimum: 0 }),
    },
    handle(call) {
      const lines = call.world.tasks.log(taskOf(call).upid)
      const start = Number(call.params.start ?? 0)
      const limit = Number(call.params.limit ?? 50)
      const part = lines.slice(start, limit === 0 ? undefined : start + limit)
      if (lines.length === 0) return new Counted([{ n: 1, t: 'no content' }], 1)
      return new Counted(
        part.map((t, index) => ({ n: start + index + 1, t })),
        lines.length,
      )
    },
  },
  {
    method: 'GET',
    path: `${path}/{upid}/status`,
    permission: 'all',
    parameters: upid,
    handle(call) {
      const record = taskOf(call)
      const running = record.exitstatus === undefined
      return {
        ...shownTask(record, call.world.node),
        status: running ? 'running' : 'stopped',
        ...(!running && { exitstatus: record.exitstatus }),
      }
    },
  },
]

const ending = ({ endtime, exitstatus }: TaskRecord): object => ({
  ...(endtime !== undefined && { endtime }),
  ...(exitstatus !== undefined && { status: exitstatus }),
})

function isVisible(state: Call['world']['state'], record: TaskRecord, who: string, name: string): boolean {
  return record.user === who || splitToken(record.user).user === who || has(state, who, `/nodes/${name}`, ['Sys.Audit'])
}

function listTasks({ world, params, who }: Call): object[] {
  const source = text(params, 'source') ?? 'archive'
  const filters = text(params, 'statusfilter')
  const wanted = filters === undefined ? undefined : splitList(filters)
  const since = Number(params.since ?? 0)
  const until = Number(params.until ?? Number.MAX_SAFE_INTEGER)
  const found = [...world.state.tasks].reverse().filter(record => {
    const running = record.exitstatus === undefined
    if (source !== 'all' && running !== (source === 'active')) return false
    if (!isVisible(world.state, record, who, world.node)) return false
    if (params.vmid !== undefined && record.id !== String(params.vmid)) return false
    if (params.typefilter !== undefined && record.type !== params.typefilter) return false
    if (params.userfilter !== undefined && !record.user.includes(String(params.userfilter))) return false
    if (flag(params, 'errors') && !isFailure(record)) return false
    if (record.starttime < since || record.starttime > until) return false
    return wanted === undefined || (!running && wanted.includes(statusName(record)))
  })
  const start = Number(params.start ?? 0)
  const page = found.slice(start, start + Number(params.limit ?? 50))
  return page.map(record => ({ ...shownTask(record, world.node), ...ending(record) }))
}
