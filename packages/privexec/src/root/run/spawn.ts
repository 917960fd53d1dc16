import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Terminal } from '../../execute/options.ts'
import { endBy } from '../../transport/ask.ts'
import { type Child, exitOf, exitOfProgram, inputOf, startChild } from '../../transport/child.ts'
import { programEnvironment } from '../../transport/environment.ts'
import { terminalPath } from '../../transport/libexec.ts'
import { endOperation } from '../../transport/sudo/paths.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Tree, Trees } from '../tree.ts'

/** Starts programs as children of root's process, each in a control group of its own where there are any. */
export const rootTransport = (trees: Trees, name: string): Transport => ({
  name,
  hasTerminals: true,
  start: async (request, _policy, { terminal }) => {
    const [file = '', ...args] = terminal ? onTerminal(request.argv, terminal) : request.argv
    const env = { ...programEnvironment(request), ...(terminal ? { TERM: 'xterm-256color' } : {}) }
    const tree = trees.take()
    const child = startIn(tree, () => startChild(request, file, args, env, terminal ? ['pipe'] : []))
    if (terminal?.resizes) passSizes(child, terminal.resizes)
    const { promise: cleared, resolve: clear } = Promise.withResolvers<number>()
    // What a program leaves behind on the host when it ends is nobody's; in a container it may be a service.
    child.once('exit', () => clear(tree.kill()))
    child.once('error', () => clear(0))
    const exited = exitOf(child).then(async exit => {
      await cleared
      tree.release()
      return exitOfProgram(exit, file)
    })
    const end = async () => {
      const killed = await tree.kill()
      const { complete, processes } = await endBy(endOperation, [request.marker])
      return { complete, processes: killed + processes }
    }
    return { stdin: inputOf(child), stdout: child.stdout, stderr: child.stderr, exited, end }
  },
})

function startIn(tree: Tree, start: () => Child): Child {
  try {
    return tree.within(start)
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
  const control = child.stdio[3] as unknown as Writable
  const lines = async function* () {
    for await (const { columns, rows } of sizes) yield `${columns} ${rows}\n`
  }
  // A terminal that is gone needs no size.
  await pipeline(lines, control).catch(() => {})
}
