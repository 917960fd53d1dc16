import { setTimeout as delay } from 'node:timers/promises'
import { type Command, catalogue, createBroker, isPrivexecError } from '../../../packages/privexec/src/index.ts'
import { rootCommands } from './commands.ts'
import { descriptors } from './traces.ts'

// Makes many calls as an account, some at a time, and checks each answer: soak.ts POLICY COUNT AT_ONCE [--all]
// With --all every kind of ending comes up, otherwise programs that say who they are. Prints what was not as it should.

const [policy = '', count = '0', atOnce = '1', kinds] = process.argv.slice(2)
const commands = [...catalogue, ...rootCommands] as unknown as readonly Command<never>[]
const broker = await createBroker({ policy: `/etc/privexec/policies.d/${policy}.yaml`, commands })
const [nothing, script, , absent] = rootCommands as unknown as readonly Command<never>[]
const [pctExec, pctPush] = ['pct.exec', 'pct.push'].map(id => commands.find(each => each.id === id))

interface Kind {
  readonly command: Command<never> | undefined
  input(at: number): object
  options?(): object
  /** What is expected: the code of an error, or the output. */
  readonly code?: string
  stdout?(at: number): string
}

const named = (at: number): object => ({ name: `tank/c${at}` })
const says: Kind = { command: script, input: named, stdout: at => `tank/c${at}\n` }
const quick: Kind = { command: nothing, input: named, stdout: () => '' }
const push = (at: number) => ({ vmid: 20001, destination: '/root/soak', content: Buffer.from(String(at)) })
const rare: readonly Kind[] = [
  { command: absent, input: named, code: 'PRIVEXEC_PROGRAM_MISSING' },
  { command: nothing, input: () => ({ name: 'other/x' }), code: 'PRIVEXEC_OUT_OF_BOUNDS' },
  {
    command: script,
    input: at => ({ name: `tank/long${at}` }),
    options: () => ({ timeout: 100 }),
    code: 'PRIVEXEC_TIMED_OUT',
  },
  {
    command: script,
    input: at => ({ name: `tank/long${at}` }),
    options: () => ({ signal: AbortSignal.timeout(100) }),
    code: 'PRIVEXEC_CANCELLED',
  },
  { command: script, input: at => ({ name: `tank/fails${at}` }), code: 'PRIVEXEC_PROGRAM_FAILED' },
  { command: pctExec, input: () => ({ vmid: 20001, command: ['echo', 'inside'] }), stdout: () => 'inside\n' },
  { command: pctPush, input: push, stdout: () => '' },
  { command: pctPush, input: at => ({ ...push(at), vmid: 104 }), code: 'PRIVEXEC_OUT_OF_BOUNDS' },
]
// What is rare takes a hundred times as long.
const often = Number(count) > 10_000 ? 500 : 50
const kindOf = (at: number): Kind => {
  if (kinds !== '--all') return says
  if (at % often === often - 1) return rare[Math.floor(at / often) % rare.length] ?? quick
  return at % 10 === 0 ? says : quick
}

const problems: string[] = []
async function call(at: number): Promise<void> {
  const { command, input, options, code, stdout } = kindOf(at)
  let seen: string
  try {
    const result = await broker.run(command as Command<object>, input(at), options?.())
    seen = result.stdout
  } catch (error) {
    seen = isPrivexecError(error) ? error.code : String(error)
  }
  const wanted = code ?? stdout?.(at)
  if (seen !== wanted && problems.length < 20) problems.push(`${at} ${command?.id}: ${seen} is not ${wanted}`)
}

let next = 1
let answered = 1
// The first call opens what stays open; a socket takes a moment to close.
await call(0)
await delay(500)
const before = descriptors(process.pid)
await Promise.all(
  Array.from({ length: Number(atOnce) }, async () => {
    for (let at = next++; at < Number(count); at = next++) {
      await call(at)
      answered += 1
    }
  }),
)
await broker.close()
await delay(500)
process.stdout.write(`${JSON.stringify({ answered, problems, before, after: descriptors(process.pid) })}\n`)
