import {
  type Broker,
  type Command,
  isPrivexecError,
  pctExec,
  pctPush,
  type Result,
  type RunOptions,
  zfsMount,
  zfsUnmount,
} from '../../packages/privexec/src/index.ts'
import type { Report, Step } from './step.ts'

/** Where the steps happen: on a throwaway host, or on an embedded one. */
export interface Scene {
  readonly broker: Broker
  readonly report: Report
  readonly part: string
  /** Where a dataset is mounted, as this account sees it. */
  readonly mountOf: (dataset: string) => string | undefined
  readonly standIn: boolean
}

const letter = 'Pushed through sudo, by an account that may not read /etc/shadow.\n'
const letterPath = '/root/letter.txt'
const shop = 'tank/pgd/databases/shop/main'

/** What the app store does: runs a program in its container, pushes a file into it, and reads that back. */
export async function appstoreSteps(scene: Scene): Promise<void> {
  const vmid = 20001
  await operation(scene, 'pct.exec runs a program in container 20001', pctExec, { vmid, command: ['hostname'] }, r => ({
    ok: r.stdout === 'ct20001\n',
    lines: r.stdout.trimEnd().split('\n'),
  }))
  const push = { vmid, content: Buffer.from(letter), destination: letterPath, perms: '0640' }
  await operation(scene, `pct.push writes ${letter.length} bytes to ${letterPath} in it`, pctPush, push, () => ({
    ok: true,
    lines: ['staged, pushed, and the staged file removed'],
  }))
  const cat = { vmid, command: ['cat', letterPath] as const }
  await operation(scene, 'pct.exec reads the file back', pctExec, cat, r => ({
    ok: r.stdout === letter,
    lines: r.stdout.trimEnd().split('\n'),
  }))
  await refusal(scene, "the library refuses somebody else's container before sudo is asked", pctExec, {
    vmid: 104,
    command: ['hostname'],
  })
}

/** What alice does: mounts a dataset below the base of the policy, and unmounts it. */
export async function aliceSteps(scene: Scene): Promise<void> {
  const dataset = shop
  await operation(scene, `zfs.mount mounts ${dataset}`, zfsMount, { dataset }, () => {
    const at = scene.mountOf(dataset)
    return { ok: at === `/${dataset}`, lines: [at === undefined ? 'it is not mounted' : `mounted at ${at}`] }
  })
  await operation(scene, 'zfs.unmount unmounts it', zfsUnmount, { dataset }, () => {
    const at = scene.mountOf(dataset)
    return { ok: at === undefined, lines: [at === undefined ? 'no longer mounted' : `still mounted at ${at}`] }
  })
}

async function operation<Input>(
  scene: Scene,
  title: string,
  command: Command<Input>,
  input: Input,
  judge: (result: Result) => Pick<Step, 'ok' | 'lines'>,
  options?: RunOptions,
): Promise<void> {
  const step = stepOf(scene, title)
  try {
    const result = await scene.broker.run(command, input, options)
    scene.report({ ...step, argv: shown(scene, result.argv), ms: result.duration, ...judge(result) })
  } catch (error) {
    const argv = isPrivexecError(error) && error.argv ? { argv: shown(scene, error.argv) } : {}
    scene.report({ ...step, ...argv, ok: false, lines: linesOf(error) })
  }
}

async function refusal<Input>(scene: Scene, title: string, command: Command<Input>, input: Input): Promise<void> {
  const began = performance.now()
  const error: unknown = await scene.broker.run(command, input).catch((reason: unknown) => reason)
  const ok = isPrivexecError(error) && error.isRefused
  scene.report({ ...stepOf(scene, title), ok, ms: performance.now() - began, lines: linesOf(error) })
}

const stepOf = ({ part, standIn }: Scene, title: string): Pick<Step, 'part' | 'title' | 'standIn'> => ({
  part,
  title,
  ...(standIn ? { standIn: true } : {}),
})

/** What is really started: sudo first, apart from an embedded host. */
const shown = ({ standIn }: Scene, argv: readonly string[]): readonly string[] =>
  standIn ? argv : ['sudo', '-n', '-u', 'root', '--', ...argv]

const linesOf = (error: unknown): string[] =>
  isPrivexecError(error) ? [`${error.code}: ${error.message}`] : [`unexpected: ${String(error)}`]
