import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { PrivexecError } from '../../errors/error.ts'
import { startRemotely } from '../remote/operation.ts'
import { faultOf, headOf } from '../sudo/messages.ts'
import { sudoPath } from '../sudo/paths.ts'
import type { Transport } from '../transport.ts'
import { callPath } from './path.ts'

/** How long sudo may take to end when nothing more can come of it, in milliseconds. */
const patience = 5000

/**
 * Has sudo, of either kind, start a program of root's that takes the request on its standard input and decides again.
 * Its rule has no argument, so it means the same to every sudo.
 */
export const portableTransport: Transport = {
  name: 'portable',
  mayWait: true,
  hasTerminals: true,
  start: (request, policy, options) => {
    const program = callPath(policy.name)
    const args = ['-n', '-u', 'root', '--', program]
    const child = spawn(sudoPath, args, { cwd: '/', env: { LC_ALL: 'C' }, stdio: 'pipe', detached: true })
    const said = headOf(child.stderr)
    const ended = new Promise<number>(resolve => {
      child.on('error', () => resolve(-1))
      child.on('close', code => resolve(code ?? -1))
    })
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
    return startRemotely(stream, request, options, async () => {
      const exitCode = await Promise.race([ended, delay(patience, undefined, { ref: false })])
      return errorOf(exitCode, said(), program)
    })
  },
}

/** What sudo's words and exit status mean when the program said nothing. */
function errorOf(exitCode: number | undefined, said: string, program: string): PrivexecError {
  if (exitCode === undefined) return new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', `${program} does not answer`)
  const fault = faultOf(exitCode, said, program)
  if (exitCode === -1) return new PrivexecError('PRIVEXEC_SUDO_MISSING', `${sudoPath} cannot be started`)
  if (fault?.kind === 'no-privileges') {
    return new PrivexecError('PRIVEXEC_SUDO_MISSING', `sudo cannot gain privileges: ${fault.text}`)
  }
  if (fault?.kind === 'missing') return new PrivexecError('PRIVEXEC_PROGRAM_MISSING', `${program} is not installed`)
  if (fault?.kind === 'refused') return new PrivexecError('PRIVEXEC_SUDO_REFUSED', `sudo does not allow ${program}`)
  return new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', `${program} ended with ${exitCode} and said nothing`)
}
