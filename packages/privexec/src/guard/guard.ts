import type { z } from 'zod'
import type { Zod } from '../argument/type.ts'
import type { Values } from '../command/argv.ts'
import type { Program } from '../command/command.ts'

/**
 * A check of live state that only root can make, part of a command's definition. It is run just before the program, with
 * the lock of the object held, by the root-side broker; sudo has no place for one.
 */
export interface Guard {
  /** Lower-case words with hyphens between: `own-container`. */
  readonly name: string
  /** One sentence without the full stop, for documentation: what must hold. */
  readonly summary: string
  /** Keys below `guard` of a grant; each belongs to one guard of a command. */
  readonly settings: readonly GuardSetting[]
  /**
   * Undefined when it holds; otherwise why not, for root's own record only: the caller learns nothing of it. What cannot
   * be told does not hold, and a rejection counts as that.
   */
  check(subject: GuardSubject): Promise<string | undefined>
}

/** A value that a policy gives a guard. */
export interface GuardSetting {
  readonly key: string
  /** A grant without a required setting is an error, where guards are run. */
  readonly required: boolean
  readonly summary: string
  /** Schema of the value; one that is not required has its default here. */
  schema(z: Zod): z.ZodType
}

/** What a guard judges: a request that was authorised, within which bounds, on which host. */
export interface GuardSubject {
  readonly values: Values
  /** The bounds of the grant. */
  readonly where: Readonly<Record<string, unknown>>
  /** The settings of the grant, with their defaults. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly program: Program
  readonly host: GuardHost
}

/** What `look` tells of a path. */
export interface Look {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly uid: number
  readonly gid: number
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  /** Number of entries of a directory, without `.` and `..`, counted up to 100. */
  readonly entries?: number
}

/** What a guard may look at; root's real host, or a test's. Every path is absolute and in the host's mount namespace. */
export interface GuardHost {
  /**
   * Text of a regular file, at most 1 MiB; undefined when there is none. Rejects when anybody but root could have chosen
   * what stands there: the file and every directory on the way, and every link, is root's, and nobody else may write it.
   */
  read(path: string): Promise<string | undefined>
  /** Undefined when there is nothing. A link is not followed; rejects when one stands on the way. */
  look(path: string): Promise<Look | undefined>
  /** Runs a program, argv as given, without an environment but LC_ALL=C, for ten seconds and 1 MiB of output at most. */
  run(argv: readonly string[]): Promise<GuardRun>
}

/** How a program ended; without an exit code it could not be started, said too much, or took too long. */
export interface GuardRun {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}
