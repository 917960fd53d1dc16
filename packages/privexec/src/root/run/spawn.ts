import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Allowed } from '../../decide/decision.ts'
import type { Terminal } from '../../execute/options.ts'
import { endBy } from '../../transport/ask.ts'
import { type Child, exitOf, exitOfProgram, inputOf, startChild } from '../../transport/child.ts'
import { programEnvironment } from '../../transport/environment.ts'
import { terminalPath } from '../../transport/libexec.ts'
import { endOperation } from '../../transport/sudo/paths.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Tree, Trees } from '../tree.ts'
import type { Seats } from './seats.ts'

/**
 * Starts programs for root's process, each in a control group of its own where there are any. With `seats` they are
 * children of the warden, but for those on a terminal: a process that holds Node takes long to fork.
 */
export const rootTransport = (trees: Trees, name: string, seats?: Seats): Transport => ({
  name,
  hasTerminals: true,
  ...(seats ? { prepare: seats.prepare } : {}),
  start: async (request, _policy, { terminal }) => {
    const argv = terminal ? onTerminal(request.argv, terminal) : request.argv
    const env = { ...programEnvironment(request), ...(terminal ? { TERM: 'xterm-256color' } : {}) }
    const { tree, child } =
      seats && !terminal
        ? await startSeated(seats, request, env)
        : startHere(trees, request, argv, env, terminal ? ['pipe'] : [])
    if (terminal?.resizes) passSizes(child, terminal.resizes)
    const { promise: cleared, resolve: clear } = Promise.withResolvers<number>()
    // What a program leaves behind on the host when it ends is nobody's; in a container it may be a service.
    child.on('exit', () => clear(tree.kill()))
    child.on('error', () => clear(0))
    const end = async () => {
      const killed = await tree.kill()
      const { complete, processes } = await endBy(endOperation, [request.marker])
      return { complete, processes: killed + processes }
    }
    const exited = exitOf(child).then(async exit => {
      await cleared
      // When nobody has seen the end, something may be running in a container.
      const ended = exit.fault?.kind === 'lost' ? { ended: (await end()).complete } : {}
      tree.release()
      return { ...exitOfProgram(exit, argv[0] ?? ''), ...ended }
    })
    return { stdin: inputOf(child), stdout: child.stdout, stderr: child.stderr, exited, end }
  },
})

interface Started {
  readonly tree: Tree
  readonly child: Child
}

type Variables = Readonly<Record<string, string>>

async function startSeated(seats: Seats, { argv, command }: Allowed, env: Variables): Promise<Started> {
  const { tree, seat } = await seats.take()
  try {
    return { tree, child: seat.start({ argv, env, hasInput: command.accepts.stdin }) }
  } catch (error) {
    seat.drop()
    seat.gone.then(() => tree.release())
    throw error
  }
}

function startHere(trees: Trees, request: Allowed, argv: readonly string[], env: Variables, more: 'pipe'[]): Started {
  const [file = '', ...args] = argv
  const tree = trees.take()
  try {
    return { tree, child: tree.within(() => startChild(request, file, args, env, more)) }
  } catch (error) {
    tree.release()
    throw error
  }
}

const onTerminal = (argv: readonly string[], { columns, rows }: Terminal): string[] => [
  terminalPath,
  String(columns),
  String(rows),
  '--',
  ...argv,
]

/** New sizes go to the terminal as lines, on its own descriptor 3, as fast as it reads them. */
async function passSizes(child: Child, sizes: NonNullable<Terminal['resizes']>): Promise<void> {
  const control = child.stdio?.[3] as Writable
  const lines = async function* () {
    for await (const { columns, rows } of sizes) yield `${columns} ${rows}\n`
  }
  // A terminal that is gone needs no size.
  await pipeline(lines, control).catch(() => {})
}
