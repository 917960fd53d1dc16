import type { Readable } from 'node:stream'

/** A disk of a guest, as directories on the machine. */
export interface Mount {
  /** `rootfs` or `mpN`. */
  readonly key: string
  readonly directory: string
  /** Where it is seen in the guest: `/` for rootfs. */
  readonly path: string
  readonly isReadOnly: boolean
}

/** What a runtime needs to know of a guest. */
export interface GuestView {
  readonly vmid: number
  readonly hostname: string
  readonly isUnprivileged: boolean
  readonly mounts: readonly Mount[]
  /** Cards by name: hardware address, bridge, and address with prefix when it has a fixed one. */
  readonly cards: readonly Card[]
}

export interface Card {
  readonly name: string
  readonly bridge: string | undefined
  readonly hwaddr: string
  readonly address: string | undefined
  readonly gateway: string | undefined
}

export interface ExecOptions {
  readonly stdin?: string | Uint8Array | Readable
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly onStdout?: (chunk: Buffer) => void
  readonly onStderr?: (chunk: Buffer) => void
}

export interface ExecResult {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

export interface PushOptions {
  /** Permission bits, 0o644 unless given. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
}

export interface Address {
  readonly name: string
  readonly hwaddr: string
  /** Addresses with prefix. */
  readonly inet?: string
  readonly inet6?: string
}

/** A shell of a guest, for the console. */
export interface Shell {
  write(bytes: Buffer): void
  resize(columns: number, rows: number): void
  onData(listener: (bytes: Buffer) => void): void
  onEnd(listener: () => void): void
  end(): void
}

/** What makes containers of what the API keeps as configuration. Directories are the lab's to remove. */
export interface GuestRuntime {
  readonly name: 'directories' | 'namespaces' | 'lxc'
  /** Fills an empty directory with the root file system of a template (its file name). */
  unpack(template: string, directory: string, guest: GuestView): Promise<void>
  /** Makes an empty disk ready for use in a guest. */
  makeVolume(directory: string, guest: GuestView): Promise<void>
  /** Copies the content of a disk, owners included. */
  copy(from: string, to: string): Promise<void>
  remove(directory: string): Promise<void>
  /** Writes a disk or several into an archive, and reads it back; paths in it are the keys of the disks. */
  pack(mounts: readonly Mount[], file: string): Promise<void>
  unpackArchive(file: string, mounts: readonly Mount[]): Promise<void>
  /** Starts the guest and answers with the process id of its init. */
  start(guest: GuestView): Promise<number>
  stop(vmid: number): Promise<void>
  isRunning(vmid: number): boolean
  /** Runs a program as root of the guest. */
  exec(guest: GuestView, argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  push(guest: GuestView, path: string, bytes: Uint8Array, options?: PushOptions): Promise<void>
  addresses(guest: GuestView): Promise<readonly Address[]>
  shell(guest: GuestView, columns: number, rows: number): Promise<Shell>
  /** Ends everything that runs. */
  close(): Promise<void>
}
