import { escapeValue } from '@broker/privexec/escape'
import type { Proxmox } from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'
import { withProxmox } from '../guests/failure.ts'
import type { Machine } from './machine.ts'
import { account } from './paths.ts'
import type { Argv, Change, Planned } from './step.ts'

/** Where steps are done. */
export interface Surface {
  readonly proxmox: Proxmox
  readonly machine: Machine
}

/**
 * Does what is to be done, in order, and looks after each step whether it is so. Resolves to the titles of what was done;
 * rejects with `APPSTORE_FORBIDDEN` for others than root, and at the first step that fails, naming what was done before.
 */
export async function applySteps(
  surface: Surface,
  plan: readonly Planned[],
  onStep: (title: string) => void = () => {},
): Promise<readonly string[]> {
  const open = plan.filter(({ wasDone }) => !wasDone)
  if (open.length > 0 && !surface.machine.isRoot)
    throw new AppstoreError('APPSTORE_FORBIDDEN', 'Only root sets the app store up', {
      hint: 'Run it as root, or print the script with --script',
    })
  const done: string[] = []
  for (const { title, changes, isDone } of open) {
    onStep(title)
    const before = done.length === 0 ? 'nothing was changed before' : `done before: ${done.join('; ')}`
    await withProxmox(`Not done: ${title} (${before})`, async () => {
      for (const change of changes) await make(surface, change, `Not done: ${title} (${before})`)
      if (await isDone()) return
      throw new AppstoreError('APPSTORE_PROGRAM_FAILED', `Not done: ${title} (${before}): it was done, and is not so`)
    })
    done.push(title)
  }
  return done
}

async function make({ proxmox, machine }: Surface, change: Change, what: string): Promise<void> {
  if (change.kind === 'run') return runIn(machine, change.argv, what)
  const answer = await proxmox.send(change.call)
  if (change.kind === 'api') return
  const { secret } = answer as { readonly secret: { reveal(): string } }
  const content = { name: 'token', text: `${change.id}=${secret.reveal()}\n` }
  await runIn(machine, placed(change.path, content), what)
}

/** Puts the token's file in its place. */
export const placed = (path: string, content: string | { readonly name: string; readonly text: string }): Argv => [
  ...['/usr/bin/install', '-o', 'root', '-g', account, '-m', '0640'],
  ...[content, path],
]

async function runIn(machine: Machine, argv: Argv, what: string): Promise<void> {
  const { exitCode, stdout, stderr } = await machine.run(argv)
  if (exitCode === 0) return
  const words = argv.slice(0, 3).map(word => (typeof word === 'string' ? word : word.name))
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join('; ')
  throw new AppstoreError(
    'APPSTORE_PROGRAM_FAILED',
    `${what}: ${words.join(' ')} ended with ${exitCode}: ${escapeValue(said, 500)}`,
    {
      ...{ program: words[0] ?? '', exitCode, stderr: stderr.slice(-2000) },
      hint: 'What was done is right and stays; when the cause is mended, run it again',
    },
  )
}
