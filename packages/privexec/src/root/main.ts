import type { Command } from '../command/command.ts'
import { isPrivexecError, PrivexecError } from '../errors/error.ts'
import { runDaemon } from './start/daemon.ts'
import { closeInherited } from './start/descriptors.ts'
import { runOnce } from './start/once.ts'
import { parseOptions } from './start/options.ts'

/**
 * `privexecd`: runs the commands of one policy for those who may ask on its socket, or one request on standard input.
 * Returns the exit status.
 */
export async function main(args: readonly string[], commands: readonly Command[]): Promise<number> {
  closeInherited()
  process.umask(0o022)
  // Node's own answer to this signal is a debugger that every account of the machine may talk to.
  process.on('SIGUSR1', () => {})
  process.chdir('/')
  try {
    const options = parseOptions(args)
    if (process.getuid?.() !== 0) throw new PrivexecError('PRIVEXEC_ROOT_NEEDED', 'privexecd is started by root')
    if (options.isOnce) await runOnce(options.policy, commands)
    else await runDaemon(options, commands)
    return 0
  } catch (error) {
    if (!isPrivexecError(error)) throw error
    process.stderr.write(`privexecd: ${error.message} (${error.code})\n${error.advice}\n`)
    return error.exit
  }
}
