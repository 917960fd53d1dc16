import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'
import type { Branded } from './branded.ts'

/** Id of a task: `UPID:node:pid:pstart:starttime:type:id:user:`. */
export type Upid = Branded<string, 'upid'>

/** What is in the id of a task. */
export interface UpidParts {
  readonly node: string
  readonly pid: number
  /** Start of the process, in clock ticks since the node was booted. */
  readonly pstart: number
  /** Start of the task, in seconds since 1970. */
  readonly starttime: number
  /** `vzcreate`, `vzstart`, `vzdump`, … */
  readonly type: string
  /** What the task is about: most often the id of a guest; may be empty. */
  readonly id: string
  /** User, or user and token: `appstore@pve!store`. */
  readonly user: string
}

const pattern =
  /^UPID:([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?):([0-9A-Fa-f]{8}):([0-9A-Fa-f]{8,9}):([0-9A-Fa-f]{8}):([^:\s/]+):([^:\s/]*):([^:\s/]+):$/

/** Checks the id of a task; throws `PROXMOX_INPUT_INVALID`. */
export function upid(value: string, field = 'upid'): Upid {
  if (typeof value !== 'string' || value.length > 500 || !pattern.test(value)) {
    throw invalid(field, `${escapeValue(value)} is not the id of a task`)
  }
  return value as Upid
}

/** Takes the id of a task apart. */
export function parseUpid(value: string, field = 'upid'): UpidParts {
  const [, node = '', pid = '', pstart = '', starttime = '', type = '', id = '', user = ''] =
    pattern.exec(upid(value, field)) ?? []
  const hex = (text: string): number => Number.parseInt(text, 16)
  return { node, pid: hex(pid), pstart: hex(pstart), starttime: hex(starttime), type, id, user }
}

/** Puts the id of a task together; throws when the parts make none. */
export function printUpid({ node, pid, pstart, starttime, type, id, user }: UpidParts): Upid {
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')
  return upid(`UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`)
}
