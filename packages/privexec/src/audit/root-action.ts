import { hostWrapper } from '../command/program.ts'
import { markerVariable } from '../command/template.ts'
import { argvHash } from './record.ts'
import type { SudoEvent } from './sudo-log.ts'

/** Something that root started for a principal, as sudo logged it. */
export interface RootAction {
  /** When sudo accepted it. */
  readonly time: Date
  /** The account that asked. */
  readonly user: string
  readonly argv: readonly string[]
  /** What the environment says of the operation; undefined without, with a malformed, or with two markers. */
  readonly marker: Marker | undefined
  /** Byte offset in the log. */
  readonly offset: number
}

/** Value of PRIVEXEC_OPERATION. */
export interface Marker {
  readonly policy: string
  readonly operation: string
}

const variable = `${markerVariable}=`

/** Reads `<policy>-<32 hex>`. */
export function parseMarker(text: string): Marker | undefined {
  const [, policy, operation] = /^(.{1,256})-([0-9a-f]{32})$/.exec(text) ?? []
  return policy === undefined || operation === undefined ? undefined : { policy, operation }
}

/** The action of an event `accept`; fields that are missing or of another type become empty. */
export function rootAction({ fields, offset }: SudoEvent): RootAction {
  const markers = strings(fields.runenv).filter(entry => entry.startsWith(variable))
  const [only] = markers
  const command = typeof fields.command === 'string' ? [fields.command] : []
  const argv = strings(fields.runargv)
  return {
    time: timeOf(fields.server_time ?? fields.submit_time),
    user: typeof fields.submituser === 'string' ? fields.submituser : '',
    argv: argv.length > 0 ? argv : command,
    marker: markers.length === 1 && only !== undefined ? parseMarker(only.slice(variable.length)) : undefined,
    offset,
  }
}

/** Hashes under which a record may know this argv: as a whole, and without the wrapper that re-enters the host's namespace. */
export function argvKeys(argv: readonly string[]): string[] {
  const isWrapped = hostWrapper.every((word, index) => argv[index] === word)
  return isWrapped ? [argvHash(argv), argvHash(argv.slice(hostWrapper.length))] : [argvHash(argv)]
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : []

function timeOf(value: unknown): Date {
  const { seconds, nanoseconds } = (value ?? {}) as { seconds?: unknown; nanoseconds?: unknown }
  const fraction = typeof nanoseconds === 'number' ? nanoseconds / 1e6 : 0
  return new Date(typeof seconds === 'number' ? seconds * 1000 + fraction : 0)
}
