import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type Allowed, type Broker, type Command, createBroker } from '../../../packages/privexec/src/index.ts'
import { sudoArguments, sudoEnvironment } from '../../../packages/privexec/src/transport/sudo/argv.ts'
import { sudoPath } from '../../../packages/privexec/src/transport/sudo/paths.ts'
import type { Figure } from '../figure.ts'
import { rootCommands } from '../policy.ts'
import { median, spread, timed } from '../statistics.ts'

const input = { vmid: 20001 }
const warmUp = 20

/** The ways in which root can be made to run a program; each gives the milliseconds that it took. */
export interface Ways {
  /** A bare `spawn` by the caller itself; undefined for what needs root. */
  spawn(command: Command): Promise<number> | undefined
  /** A bare `spawn` by a small process of root's. */
  rootSpawn(command: Command): Promise<number>
  /** A fresh sudo, and nothing of the library around it. */
  sudo(command: Command): Promise<number>
  /** A fresh sudo as programs of today call it: a rule with a star, and no settings of ours. */
  starSudo(command: Command): Promise<number>
  librarySudo(command: Command): Promise<number>
  daemon(command: Command): Promise<number>
  close(): Promise<void>
}

/** Opens all ways. `broker` is for a policy with the transport `sudo`; root's spawner is at descriptors 3 and 4. */
export async function openWays(broker: Broker): Promise<Ways> {
  const remote = await createBroker({
    policy: '/etc/privexec/policies.d/benchroot.yaml',
    commands: rootCommands as readonly Command<never>[],
  })
  const [questions, answers] = [new Socket({ fd: 3 }), new Socket({ fd: 4 })]
  const lines = createInterface(answers)
  const requests = new Map<Command, Allowed>(rootCommands.map(command => [command, allowed(broker, command)]))
  const requestOf = (command: Command) => requests.get(command) as Allowed
  return {
    spawn: command => (command.id === 'bench.bare' ? timed(() => spawned(requestOf(command).argv, {})) : undefined),
    rootSpawn: async command => {
      questions.write(`${JSON.stringify(requestOf(command).argv)}\n`)
      const [line] = await once(lines, 'line')
      return Number(line)
    },
    sudo: command => {
      const request = requestOf(command)
      const argv = [sudoPath, ...sudoArguments(broker.policy, request.argv)]
      return timed(() => spawned(argv, sudoEnvironment(request)))
    },
    // The rule of the policy does not match the word more, and so neither do its settings.
    starSudo: command => timed(() => spawned([sudoPath, '-n', ...requestOf(command).argv, 'star'], {})),
    librarySudo: command => timed(() => broker.run(command as Command<typeof input>, input)),
    daemon: command => timed(() => remote.run(command as Command<typeof input>, input)),
    close: async () => {
      for (const stream of [questions, answers]) stream.destroy()
      await remote.close()
    },
  }
}

function allowed(broker: Broker, command: Command): Allowed {
  const decision = broker.decide(command, input)
  if (!decision.allowed) throw decision.error
  return decision
}

async function spawned([file = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(file, args, { cwd: '/', env })
  child.stdin.end()
  for (const stream of [child.stdout, child.stderr]) stream.resume()
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${file} exited with ${code}`)
}

const labels = {
  spawn: 'spawn by the caller',
  rootSpawn: 'spawn by root',
  daemon: 'root-side broker',
  sudo: 'sudo -n',
  starSudo: 'sudo -n with a star rule',
  librarySudo: 'broker.run by sudo',
} as const
type Way = keyof typeof labels

/** Compares the ways for one command: all of them in each round, with a pause in milliseconds before each. */
export async function rootSide(ways: Ways, id: string, rounds: number, pause: number): Promise<Figure[]> {
  const command = rootCommands.find(each => each.id === id) as Command
  const names = Object.keys(labels) as Way[]
  const times: Record<Way, number[]> = { spawn: [], rootSpawn: [], daemon: [], sudo: [], starSudo: [], librarySudo: [] }
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + warmUp) % names.length] as Way
      if (pause > 0) await delay(pause)
      const time = await ways[name](command)
      if (round >= 0 && time !== undefined) times[name].push(time)
    }
  }
  const when = `${id}, ${pause > 0 ? `${pause} ms apart` : 'back to back'}`
  const ratio = (slow: Way, fast: Way) => median(times[slow]) / median(times[fast])
  const measured = names.filter(name => times[name].length > 0)
  return [
    {
      name: `root-side broker over bare spawn, ${when}`,
      value: ratio('daemon', measured[0] as Way),
      unit: 'times',
      target: { atMost: 1.6 },
      note:
        measured[0] === 'spawn'
          ? `over a spawn by a small process of root's ${ratio('daemon', 'rootSpawn').toFixed(2)}`
          : "the spawn is that of a small process of root's",
      cases: Object.fromEntries(measured.map(name => [labels[name], spread(times[name])])),
    },
    {
      name: `fresh sudo over root-side broker, ${when}`,
      value: ratio('sudo', 'daemon'),
      unit: 'times',
      target: { atLeast: 6 },
      note: `with the rules of today's programs, which open a PAM session, ${ratio('starSudo', 'daemon').toFixed(2)}`,
    },
  ]
}
