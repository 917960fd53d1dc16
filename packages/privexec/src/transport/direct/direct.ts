import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { markerVariable } from '../../command/template.ts'
import { PrivexecError } from '../../errors/error.ts'
import { stage, unstage } from '../../staging/stage.ts'
import { exitOf, inputOf, startChild } from '../child.ts'
import type { Ending, Exit, Transport } from '../transport.ts'

const endOperation = fileURLToPath(new URL('../../../libexec/end-operation', import.meta.url))

/** The PATH that sudo gives too (`secure_path` of Debian). */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs operations as they are, for a caller that is root already. */
export const directTransport: Transport = {
  name: 'direct',
  async start(request, _policy, signal) {
    if (process.getuid?.() !== 0) {
      throw new PrivexecError('PRIVEXEC_SUDO_MISSING', 'The direct transport is for root; this account needs sudo')
    }
    if (request.staged) await stage(request.staged.file, request.staged.content, signal)
    const [executable, ...args] = request.argv
    const env = { [markerVariable]: request.marker, LC_ALL: 'C', PATH: path }
    const child = startChild(request, executable, args, env)
    const exited = exitOf(child)
      .then((exit): Exit => (exit.fault?.kind === 'start' ? { fault: { kind: 'missing', program: executable } } : exit))
      .finally(() => request.staged && unstage(request.staged.file))
    return {
      stdin: inputOf(child),
      stdout: child.stdout,
      stderr: child.stderr,
      exited,
      end: () => end(request.marker),
    }
  },
}

const end = (marker: string): Promise<Ending> =>
  new Promise(resolve => {
    execFile('/bin/sh', [endOperation, marker], { cwd: '/', env: {}, encoding: 'utf8' }, (error, stdout) =>
      resolve({ complete: error === null, processes: Number.parseInt(stdout, 10) || 0 }),
    )
  })
