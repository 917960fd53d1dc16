import { escapeValue } from '@broker/privexec/escape'
import type { Api } from '../api/bind.ts'
import { isProxmoxError, ProxmoxError } from '../errors/error.ts'
import { pause } from '../request/retry.ts'
import { parseUpid, upid as toUpid, type Upid } from '../values/upid.ts'
import { LogReader } from './log-reader.ts'
import { type TaskResult, taskError, taskResult } from './result.ts'

export interface FollowOptions {
  /** When it is given, the task is stopped, unless `onAbort` is `leave`. */
  readonly signal?: AbortSignal | undefined
  readonly onAbort?: 'stop' | 'leave' | undefined
  /** Milliseconds until `PROXMOX_TASK_TIMED_OUT`; the task is left as it is. Default: no limit. */
  readonly timeout?: number | undefined
  /** Gets each line of the log once, in order, as it comes. */
  readonly onLine?: ((text: string, n: number) => void) | undefined
  /** Milliseconds that polls may get lost for, one after the other; default 120 000. A lost poll says nothing of the task. */
  readonly patience?: number | undefined
  /** Milliseconds between polls: the first, and the longest, towards which it grows; default 100 and 2000. */
  readonly interval?: { readonly first?: number; readonly longest?: number } | undefined
}

/** Milliseconds that a stopped task gets to end before that is given up, too. */
const stopPatience = 30_000
/** Milliseconds for one poll: it is asked again anyway. */
const pollTimeout = 10_000
/** Milliseconds that the log of a task that has ended may get lost for. */
const logPatience = 5000
/** Polls in a row that are refused (not lost) before that is believed. */
const refusedPolls = 3

/**
 * Waits until a task has ended, and tells how; see {@link TaskResult}. Rejects when that cannot be found out:
 * `PROXMOX_NOT_FOUND` with the subject `task`, `PROXMOX_TASK_TIMED_OUT`, `PROXMOX_CANCELLED`, or the error of the polls.
 * `mayHaveRun` is true in all of them.
 */
export async function followTask(api: Api, id: string, options: FollowOptions = {}): Promise<TaskResult> {
  const upid = toUpid(id)
  const { signal, timeout = Number.POSITIVE_INFINITY, onAbort = 'stop', onLine } = options
  const { node } = parseUpid(upid)
  const log = new LogReader(
    (start, limit) => api.tasks.log({ node, upid, start, limit }, { timeout: pollTimeout, retry: false, signal }),
    onLine,
  )
  const deadline = performance.now() + timeout
  try {
    return await poll(api, upid, log, { ...options, deadline })
  } catch (error) {
    if (!signal?.aborted) throw error
    if (onAbort === 'leave') throw cancelled(upid, log, 'the task goes on', signal)
    const result = await stopTask(api, upid).catch((cause: unknown) => cause)
    const state = isResult(result)
      ? `it ended: ${escapeValue(result.exitStatus, 100)}`
      : 'whether it ended is not known'
    throw cancelled(upid, log, `the task was told to stop; ${state}`, signal)
  }
}

/** Follows a task; rejects unless it ended well (warnings are well). */
export async function finishTask(api: Api, id: string, options?: FollowOptions): Promise<TaskResult> {
  const result = await followTask(api, id, options)
  if (result.state === 'failed' || result.state === 'unknown') throw taskError(result)
  return result
}

/** Stops a task, and waits until it has ended. */
export async function stopTask(api: Api, id: string, { patience = stopPatience } = {}): Promise<TaskResult> {
  const upid = toUpid(id)
  const { node } = parseUpid(upid)
  await api.tasks.stop({ node, upid })
  return followTask(api, upid, { timeout: patience })
}

const isResult = (value: unknown): value is TaskResult => !isProxmoxError(value) && typeof value === 'object'

const cancelled = (upid: Upid, log: LogReader, text: string, signal: AbortSignal): ProxmoxError =>
  new ProxmoxError('PROXMOX_CANCELLED', `${upid}: ${text}`, {
    upid,
    log: log.last,
    mayHaveRun: true,
    cause: signal.reason,
  })

async function poll(
  api: Api,
  upid: Upid,
  log: LogReader,
  { signal, deadline, patience = 120_000, interval = {} }: FollowOptions & { deadline: number },
): Promise<TaskResult> {
  const { node } = parseUpid(upid)
  const { first = 100, longest = 2000 } = interval
  let wait = first
  let lostSince: number | undefined
  let refused = 0
  let ended: string | undefined
  for (;;) {
    try {
      // The state is read before the log, so that the log of a task that has ended is read to its end.
      const { status, exitstatus } = await api.tasks.status(
        { node, upid },
        { timeout: pollTimeout, retry: false, signal },
      )
      if (status === 'stopped') ended = exitstatus ?? ''
      await log.read()
      if (ended !== undefined) return taskResult(upid, ended, log.last)
      lostSince = undefined
      refused = 0
    } catch (error) {
      if (!isProxmoxError(error) || error.isCancelled || error.subject === 'task') throw withTask(error, upid, log)
      lostSince ??= performance.now()
      refused = isRefusal(error) ? refused + 1 : 0
      const lost = performance.now() - lostSince
      // How it ended is known; its log is not worth a failure.
      if (ended !== undefined && (refused > 0 || lost >= Math.min(patience, logPatience))) {
        return taskResult(upid, ended, log.last)
      }
      if (refused >= refusedPolls || lost >= patience) throw withTask(error, upid, log)
    }
    const left = deadline - performance.now()
    if (left <= 0) {
      throw new ProxmoxError('PROXMOX_TASK_TIMED_OUT', `${upid}: not ended in time`, {
        upid,
        log: log.last,
        mayHaveRun: true,
      })
    }
    await pause(Math.min(wait, left), signal)
    wait = Math.min(longest, wait * 1.5)
  }
}

/** Proxmox answered, and would answer the same again: no token, no privilege, no such parameter. */
const isRefusal = (error: ProxmoxError): boolean =>
  error.isUnauthorized || error.isForbidden || error.isInvalid || error.isUntrusted || error.isUnsupported

/** The same error, with the task in it: what is not known about a task may have been done. */
function withTask(error: unknown, upid: Upid, log: LogReader): unknown {
  if (!isProxmoxError(error)) return error
  const { code, message, method, path, status, statusText, answer, subject, permission } = error
  return new ProxmoxError(code, `${upid}: ${message}`, {
    upid,
    log: log.last,
    mayHaveRun: true,
    cause: error,
    ...Object.fromEntries(
      Object.entries({ method, path, status, statusText, answer, subject, permission }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  })
}
