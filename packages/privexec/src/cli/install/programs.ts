import { realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PrivexecError } from '../../errors/error.ts'
import { type RootProgram, shippedBroker } from '../../render/programs.ts'
import { libexec } from '../../transport/libexec.ts'
import { directories } from './directories.ts'
import { failed, fileStep, requireRootsOwn, rootOwned, statOf } from './node.ts'
import type { Step } from './step.ts'

/** Steps for programs of root's. Throws `PRIVEXEC_INSTALL_FAILED` where the broker was not built. */
export async function programSteps(programs: readonly RootProgram[]): Promise<Step[]> {
  const steps = await directories(libexec, 'programs of privexec')
  for (const { path, shipped, what } of programs) {
    const { lines: _, ...step } = await fileStep(path, await shippedText(shipped), rootOwned(0o755), what)
    steps.push(step)
  }
  return steps
}

async function shippedText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const build = path === shippedBroker ? ': build it first, with "npm run build" in packages/privexec' : ''
    throw new PrivexecError('PRIVEXEC_INSTALL_FAILED', `${path} cannot be read${build}`, { cause })
  }
}

/**
 * The Node that is to run the broker as root: the file that runs this, or the one named. Throws `PRIVEXEC_INSTALL_FAILED`
 * for one that somebody else than root could replace.
 */
export async function rootsNode(named: string = process.execPath): Promise<string> {
  const advice = 'install Node for all accounts, such as /usr/bin/node, and name it with --node'
  let path: string
  try {
    path = realpathSync(named)
  } catch (cause) {
    throw new PrivexecError('PRIVEXEC_INSTALL_FAILED', `${named} is not there; ${advice}`, { cause })
  }
  const stat = await statOf(path)
  if (!stat?.isFile() || (stat.mode & 0o111) === 0) throw failed(`${path} is not a program; ${advice}`)
  if (stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
    throw failed(`${path} would run as root, but others than root can change it; ${advice}`)
  }
  try {
    await requireRootsOwn(dirname(path))
  } catch (cause) {
    throw new PrivexecError(
      'PRIVEXEC_INSTALL_FAILED',
      `${(cause as Error).message}, on the way to ${path}; ${advice}`,
      {
        cause,
      },
    )
  }
  return path
}
