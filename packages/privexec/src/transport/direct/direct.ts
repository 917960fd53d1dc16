import { fileURLToPath } from 'node:url'
import { PrivexecError } from '../../errors/error.ts'
import { endBy } from '../ask.ts'
import { exitOf, exitOfProgram, launch } from '../child.ts'
import { programEnvironment } from '../environment.ts'
import type { Transport } from '../transport.ts'

/** A file of this package, wherever it is installed, also for a program that this module was bundled into. */
const endOperation = (): string =>
  fileURLToPath(new URL('libexec/end-operation', import.meta.resolve('@broker/privexec/package.json')))

/** Runs operations as they are, for a caller that is root already. */
export const directTransport: Transport = {
  name: 'direct',
  async start(request, _policy, { signal }) {
    if (process.getuid?.() !== 0) {
      throw new PrivexecError('PRIVEXEC_SUDO_MISSING', 'The direct transport is for root; this account needs sudo')
    }
    const [file, ...args] = request.argv
    return launch(request, signal, { file, args, env: programEnvironment(request) }, child => ({
      exited: exitOf(child).then(exit => exitOfProgram(exit, file)),
      end: () => endBy('/bin/sh', [endOperation(), request.marker]),
    }))
  },
}
