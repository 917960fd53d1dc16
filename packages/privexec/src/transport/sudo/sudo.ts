import { existsSync } from 'node:fs'
import type { Allowed } from '../../decide/decision.ts'
import type { Policy } from '../../policy/policy.ts'
import { ask, endBy } from '../ask.ts'
import { exitOf, exitOfProgram, launch } from '../child.ts'
import type { Ending, Exit, Transport } from '../transport.ts'
import { endArguments, questionArguments, sudoArguments, sudoEnvironment } from './argv.ts'
import { faultOf, headOf } from './messages.ts'
import { sudoPath } from './paths.ts'

/** Runs operations through sudo(8). */
export const sudoTransport: Transport = {
  name: 'sudo',
  async start(request, policy, { signal }) {
    const start = { file: sudoPath, args: sudoArguments(policy, request.argv), env: sudoEnvironment(request) }
    return launch(request, signal, start, child => {
      const head = headOf(child.stderr)
      child.stderr.pause()
      let asked = false
      const end = () => {
        asked = true
        return endWithSudo(request)
      }
      const exited = exitOf(child).then(exit => (asked ? exit : interpret(exit, head(), request, policy)))
      return { exited, end }
    })
  },
}

/** Tells sudo's own failures from the program's, which the exit status alone does not. */
async function interpret(exit: Exit, head: string, request: Allowed, policy: Policy): Promise<Exit> {
  if (exit.fault?.kind === 'start') return exitOfProgram(exit, sudoPath)
  if (exit.exitCode !== undefined) {
    const fault = faultOf(exit.exitCode, head, request.command.program.path)
    if (!fault) return exit
    if (fault.kind !== 'refused') return { fault }
    return (await isAllowed(request, policy)) ? exit : { fault }
  }
  if (exit.signal === undefined) return exit
  // sudo 1.9.13 crashes instead of saying "command not found" when a root directory is set for the command.
  const [executable] = request.argv
  if (exit.signal === 'SIGSEGV' && !existsSync(executable)) return { fault: { kind: 'missing', program: executable } }
  return { ...exit, ...(await lostBehind(exit.signal, request)) }
}

/** sudo ends itself by the signal that ended its command; when it was hit itself, the command may still be running. */
async function lostBehind(signal: NodeJS.Signals, request: Allowed): Promise<Pick<Exit, 'fault'>> {
  const { complete, processes } = await endWithSudo(request)
  return complete && processes === 0 ? {} : { fault: { kind: 'lost', text: `sudo was ended by ${signal}` } }
}

async function isAllowed(request: Allowed, policy: Policy): Promise<boolean> {
  const { succeeded } = await ask(sudoPath, questionArguments(policy, request.argv))
  return succeeded
}

const endWithSudo = (request: Allowed): Promise<Ending> => endBy(sudoPath, endArguments(request))
