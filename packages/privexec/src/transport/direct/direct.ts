import { fileURLToPath } from 'node:url'
import { markerVariable } from '../../command/template.ts'
import { PrivexecError } from '../../errors/error.ts'
import { endBy } from '../ask.ts'
import { exitOf, exitOfProgram, launch } from '../child.ts'
import type { Transport } from '../transport.ts'

const endOperation = fileURLToPath(new URL('../../../libexec/end-operation', import.meta.url))

/** The PATH that sudo gives too (`secure_path` of Debian). */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs operations as they are, for a caller that is root already. */
export const directTransport: Transport = {
  name: 'direct',
  async start(request, _policy, { signal }) {
    if (process.getuid?.() !== 0) {
      throw new PrivexecError('PRIVEXEC_SUDO_MISSING', 'The direct transport is for root; this account needs sudo')
    }
    const [file, ...args] = request.argv
    const env = { [markerVariable]: request.marker, LC_ALL: 'C', PATH: path }
    return launch(request, signal, { file, args, env }, child => ({
      exited: exitOf(child).then(exit => exitOfProgram(exit, file)),
      end: () => endBy('/bin/sh', [endOperation, request.marker]),
    }))
  },
}
