import type { Readable } from 'node:stream'

/** How a program in a guest is run. */
export interface ExecOptions {
  readonly stdin?: string | Uint8Array | Readable
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. */
  readonly timeout?: number
  /** Takes standard output as it comes, one chunk at a time; the result then has none. */
  readonly onStdout?: (chunk: Buffer) => void | Promise<void>
}

/** How a program in a guest ended; a program that failed is a result, one that could not be run is an error. */
export interface ExecResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The privileged way into one guest that was read back to be ours and runs. Rejects with `AppstoreError`. */
export interface GuestDoor {
  exec(argv: readonly [string, ...string[]], options?: ExecOptions): Promise<ExecResult>
  /** Writes a file; its directory must be there. `perms` in octal, such as 0600. */
  push(
    content: Uint8Array,
    path: string,
    options: { readonly perms: string; readonly signal?: AbortSignal | undefined },
  ): Promise<void>
}
