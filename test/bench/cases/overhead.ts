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
import { nothing } from '../policy.ts'
import { median, spread, timed } from '../statistics.ts'

/** One operation after the other, in both ways. */
type Operation = readonly [command: Command<never>, input: unknown]

const shapes: Readonly<Record<string, readonly Operation[]>> = {
  'true below nsenter': [[nothing as Command<never>, { vmid: 20001 }]],
  'pct.exec true': [[pctExec as Command<never>, { vmid: 20001, command: ['true'] }]],
  'zfs.mount and zfs.unmount': [
    [zfsMount as Command<never>, { dataset: 'tank/pgd/databases/shop' }],
    [zfsUnmount as Command<never>, { dataset: 'tank/pgd/databases/shop' }],
  ],
}

/** Rounds per shape after the warm-up; only the first has a target. */
export interface Rounds {
  readonly warmUp: number
  readonly first: number
  readonly others: number
}

/**
 * What the broker adds to a bare `sudo -n` of the same argv with the same environment: the difference of the medians in
 * percent of the bare median. Both run in every round, in turns first.
 */
export async function* overhead(broker: Broker, rounds: Rounds): AsyncGenerator<Figure> {
  for (const [index, [name, operations]] of Object.entries(shapes).entries()) {
    const isFirst = index === 0
    const [bare, brokered]: [number[], number[]] = [[], []]
    const ways = [() => timed(() => bareRun(broker, operations)), () => timed(() => brokerRun(broker, operations))]
    const count = (isFirst ? rounds.first : rounds.others) + rounds.warmUp
    for (let round = 0; round < count; round++) {
      for (const way of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const time = (await ways[way]?.()) ?? 0
        if (round >= rounds.warmUp) (way === 0 ? bare : brokered).push(time)
      }
    }
    yield {
      name: `overhead of broker.run over sudo -n, ${name}`,
      value: (100 * (median(brokered) - median(bare))) / median(bare),
      unit: '%',
      ...(isFirst ? { target: { atMost: 5 } } : {}),
      note: `median of the differences of each round: ${median(brokered.map((time, at) => time - (bare[at] ?? 0))).toFixed(2)} ms`,
      cases: { 'sudo -n': spread(bare), 'broker.run': spread(brokered) },
    }
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
