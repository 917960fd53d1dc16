import { z } from 'zod'
import { define } from '../request/definition.ts'
import { count, maybe, nothing, of, rows, string } from '../request/lenient.ts'
import { bool, int, kind, list, oneOf, optional } from '../request/parameter.ts'
import { textKind } from '../values/branded.ts'
import { upid } from '../values/upid.ts'
import { node, task, vmid } from './parameters.ts'

const status = z.object({
  upid: of(upid),
  status: z.enum(['running', 'stopped']),
  exitstatus: maybe(string),
  type: maybe(string),
  id: maybe(string),
  node: maybe(string),
  user: maybe(string),
  pid: maybe(count),
  pstart: maybe(count),
  /** Seconds since 1970. */
  starttime: maybe(count),
})

/** State of a task; `exitstatus` when it is stopped. */
export type TaskStatus = z.infer<typeof status>

const row = z.object({
  upid: of(upid),
  type: maybe(string),
  id: maybe(string),
  user: maybe(string),
  node: maybe(string),
  starttime: maybe(count),
  endtime: maybe(count),
  /** Exit status; undefined while it runs. */
  status: maybe(string),
})

export type TaskSummary = z.infer<typeof row>

const line = z.object({ n: count, t: string })

/** A line of a task's log; `n` counts from 1. */
export type TaskLine = z.infer<typeof line>

const word = kind('word', textKind('word', /[A-Za-z0-9_.@!-]+/, 'a word', 64))

export const tasks = {
  /** Tasks of the token's user, or all with Sys.Audit on the node. `start` and `limit` page; the newest come first. */
  list: define(
    'GET',
    '/nodes/{node}/tasks',
    {
      node,
      errors: optional(bool),
      limit: optional(int(0, 100_000)),
      since: optional(int(0)),
      source: optional(oneOf('archive', 'active', 'all')),
      start: optional(int(0)),
      statusfilter: optional(list(oneOf('ok', 'warning', 'error', 'unknown'))),
      typefilter: optional(word),
      until: optional(int(0)),
      userfilter: optional(word),
      vmid: optional(vmid),
    },
    rows(row),
  ),
  status: define('GET', '/nodes/{node}/tasks/{upid}/status', { node, upid: task }, status),
  log: define(
    'GET',
    '/nodes/{node}/tasks/{upid}/log',
    { node, upid: task, start: optional(int(0)), limit: optional(int(0, 100_000)) },
    rows(line),
  ),
  /** Ends a task's processes; it has ended when its status says so. */
  stop: define('DELETE', '/nodes/{node}/tasks/{upid}', { node, upid: task }, nothing),
}
