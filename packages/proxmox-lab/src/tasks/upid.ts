/** What a UPID tells. */
export interface UpidParts {
  readonly node: string
  readonly pid: number
  readonly pstart: number
  /** Seconds since 1970. */
  readonly starttime: number
  readonly type: string
  readonly id: string
  readonly user: string
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')

/** Writes a UPID as Proxmox does: numbers as eight hexadecimal digits, a colon at the end. */
export const formatUpid = ({ node, pid, pstart, starttime, type, id, user }: UpidParts): string =>
  `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`

const pattern =
  /^UPID:(?<node>[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?):(?<pid>[0-9A-Fa-f]{8}):(?<pstart>[0-9A-Fa-f]{8,9}):(?<starttime>[0-9A-Fa-f]{8}):(?<type>[^:\s]+):(?<id>[^:\s]*):(?<user>[^:\s]+):$/

/** Reads a UPID; undefined when it is none. */
export function parseUpid(text: string): UpidParts | undefined {
  const parts = pattern.exec(text)?.groups
  if (parts === undefined) return undefined
  const { node = '', pid = '', pstart = '', starttime = '', type = '', id = '', user = '' } = parts
  const number = (digits: string): number => Number.parseInt(digits, 16)
  return { node, pid: number(pid), pstart: number(pstart), starttime: number(starttime), type, id, user }
}
