import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  type Allowed,
  type Broker,
  type Command,
  pctExec,
  zfsMount,
  zfsUnmount,
} from '../../../packages/privexec/src/index.ts'
import { sudoArguments, sudoEnvironment } from '../../../packages/privexec/src/transport/sudo/argv.ts'
import { sudoPath } from '../../../packages/privexec/src/transport/sudo/paths.ts'
import type { Figure } from '../figure.ts'
import { nothing } from '../root/commands.ts'
import { median, spread, timed } from '../statistics.ts'

/** One operation after the other, in both ways. */
type Operation = readonly [command: Command<never>, input: unknown]

const shapes = {
  'true below nsenter': [[nothing as Command<never>, { vmid: 20001 }]],
  'zfs.mount and zfs.unmount': [
    [zfsMount as Command<never>, { dataset: 'tank/pgd/databases/shop/main' }],
    [zfsUnmount as Command<never>, { dataset: 'tank/pgd/databases/shop/main' }],
  ],
  'pct.exec true': [[pctExec as Command<never>, { vmid: 20001, command: ['true'] }]],
} as const satisfies Record<string, readonly Operation[]>

const warmUp = 20

/**
 * What the broker adds to a bare `sudo -n` of the same argv with the same environment: the median of the differences of
 * the two in each round, in percent of the bare median. They take turns in being first.
 */
export async function overhead(broker: Broker, name: keyof typeof shapes, rounds: number): Promise<Figure> {
  const operations: readonly Operation[] = shapes[name]
  const [bare, brokered]: [number[], number[]] = [[], []]
  const bareRound = async () => bare.push(await timed(() => bareRun(broker, operations)))
  const brokerRound = async () => brokered.push(await timed(() => brokerRun(broker, operations)))
  for (let round = 0; round < rounds + warmUp; round++) {
    if (round === warmUp) bare.length = brokered.length = 0
    for (const way of round % 2 === 0 ? [bareRound, brokerRound] : [brokerRound, bareRound]) await way()
  }
  const differences = brokered.map((time, at) => time - (bare[at] ?? Number.NaN))
  return {
    name: `overhead of broker.run over sudo -n, ${name}`,
    value: (100 * median(differences)) / median(bare),
    unit: '%',
    target: { atMost: 5 },
    note: `${median(differences).toFixed(2)} ms`,
    cases: { 'sudo -n': spread(bare), 'broker.run': spread(brokered) },
  }
}

async function brokerRun(broker: Broker, operations: readonly Operation[]): Promise<void> {
  for (const [command, input] of operations) await broker.run(command, input as never)
}

async function bareRun(broker: Broker, operations: readonly Operation[]): Promise<void> {
  for (const [command, input] of operations) await spawned(requestOf(broker, command, input), broker)
}

const requests = new Map<Command<never>, Allowed>()

/** The argv of the first decision serves all bare calls, so that they contain no work of the library. */
function requestOf(broker: Broker, command: Command<never>, input: unknown): Allowed {
  const known = requests.get(command)
  if (known) return known
  const decision = broker.decide(command, input as never)
  if (!decision.allowed) throw decision.error
  requests.set(command, decision)
  return decision
}

async function spawned(request: Allowed, { policy }: Broker): Promise<void> {
  const options = { cwd: '/', env: sudoEnvironment(request) }
  const child = spawn(sudoPath, sudoArguments(policy, request.argv), options)
  child.stdin.end()
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${request.command.id} exited with ${code}: ${Buffer.concat(output)}`)
}
