import type { Context } from '../context.ts'
import { type OpenOptions, openContext } from '../open.ts'
import { look } from '../operations/look.ts'
import { repair } from '../operations/repair.ts'
import { checkAuthority } from './authority.ts'
import { checkBranches } from './branches.ts'
import { checkBroker } from './broker.ts'
import { checkClock, watchClock } from './clock.ts'
import { type Finding, findings } from './finding.ts'
import { checkPorts } from './ports.ts'
import { checkByProbe } from './probe.ts'
import { checkRuntimes } from './runtimes.ts'
import { checkServerClocks } from './server-clock.ts'
import { checkStorage } from './storage.ts'

export interface DoctorOptions extends OpenOptions {
  /** Repairs what can be repaired without a loss. */
  readonly fix?: boolean
  readonly signal?: AbortSignal
  /** Told of each check as it begins. */
  readonly onStep?: (step: string) => void
}

/** Examines, as this account, whether branches can be made, by making one; says what lacks and what to do. */
export async function diagnose(options: DoctorOptions = {}): Promise<readonly Finding[]> {
  const { env = process.env, signal, onStep = () => {} } = options
  const jump = watchClock()
  onStep('Asking the broker')
  const broker = await checkBroker(env)
  onStep('Looking for PostgreSQL')
  const runtimes = await checkRuntimes(env)
  const opened = findings('storage')
  let context: Context | undefined
  try {
    context = await openContext(options)
  } catch (error) {
    opened.failure(error)
  }
  const stored = context === undefined ? opened.list : await checkStored(context, options, jump, signal)
  return [...broker, ...runtimes, ...stored, ...(await checkPorts()), ...(await checkAuthority())]
}

/** What can be looked at where there is storage. */
async function checkStored(
  context: Context,
  { fix = false, onStep = () => {} }: DoctorOptions,
  jump: () => number,
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const found = findings('storage')
  try {
    onStep('Trying the storage')
    const probe = await checkByProbe(context, signal)
    if (fix) {
      onStep('Repairing')
      await repair(context, signal === undefined ? {} : { signal })
    }
    const world = await look(context)
    onStep('Looking at the branches')
    const storage = await checkStorage(context, world)
    return [
      ...storage,
      ...probe,
      ...(await checkBranches(context, world)),
      ...checkClock(world, context.now(), jump()),
      ...(await checkServerClocks(world)),
    ]
  } catch (error) {
    found.failure(error)
    return found.list
  }
}
