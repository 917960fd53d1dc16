import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { throwIfCancelled } from '../../errors/cancel.ts'
import { scratchName } from '../../locks/scratch.ts'
import type { Tool, ToolEnd } from '../runtime.ts'
import type { Account } from './account.ts'
import { streamFailure } from './output.ts'

/** Where a container has the files that take the place of streams. */
export const spoolRoot = '/pgd-streams'

/** Directories of such files on the host; each is there only while its program runs. */
export const spoolsOf = ({ passwd }: Account): string => join(dirname(passwd), 'streams')

/** A program by a shell, which every image of PostgreSQL has, with files as its standard streams. */
export function spooledArgv({ argv, stdin, stdout }: Tool): [string, ...string[]] {
  const input = stdin === undefined ? '' : ` <${spoolRoot}/in`
  const output = stdout === undefined ? '' : ` >${spoolRoot}/out`
  return ['sh', '-c', `exec "$0" "$@"${input}${output}`, ...argv]
}

/**
 * Runs a program whose streams go through files: Podman loses the end of long ones without a word (4.3: of 24 MiB, with
 * exit status 0). It takes their space on the disk meanwhile. `run` is given the directory.
 */
export async function spooled(
  account: Account,
  tool: Tool,
  run: (directory: string) => Promise<ToolEnd>,
): Promise<ToolEnd> {
  const { stdin, stdout, signal } = tool
  const [program] = tool.argv
  const directory = scratchName(spoolsOf(account))
  // One that breaks before it is read is told when it is.
  const noted = (): void => {}
  stdin?.on('error', noted)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const [input, output] = [join(directory, 'in'), join(directory, 'out')]
  const copy = async (what: string, work: Promise<void>): Promise<void> => {
    try {
      await work
    } catch (cause) {
      throwIfCancelled(signal)
      throw streamFailure(program, what, cause)
    }
  }
  try {
    const options = signal === undefined ? {} : { signal }
    if (stdin !== undefined) {
      await copy('read its input', pipeline(stdin, createWriteStream(input, { mode: 0o600, flags: 'wx' }), options))
    }
    const end = await run(directory)
    if (stdout !== undefined) {
      await copy('write its output', pipeline(createReadStream(output), stdout, { ...options, end: false }))
    }
    return end
  } finally {
    await rm(directory, { recursive: true, force: true })
    stdin?.off('error', noted)
  }
}
