import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { attack } from './support/attack.ts'
import { ask, execFrame, mountFrame, speak } from './support/frames.ts'
import { exec, library } from './support/library.ts'
import { askNaive, withNaive } from './support/naive/naive.ts'
import { naiveLog } from './support/naive/paths.ts'
import { askStore, daemonOf, rootPolicies, stopDaemons } from './support/root-side.ts'
import { read, setScene, skip } from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene({ containers: true, zfs: true })

/** Operations on one dataset; the whole run of a release makes 10,000. */
const turns = Number(process.env.ATTACK_TURNS ?? 300)
const dataset = 'tank/pgd/databases/shop/contended'
const byRoot = (...args: string[]) => spawnSync('/usr/sbin/zfs', args)
const isMounted = () => readFileSync('/proc/1/mounts', 'utf8').includes(`/${dataset} `)

if (skip === false) byRoot('create', '-o', 'canmount=noauto', dataset)

interface Event {
  readonly event: {
    readonly id: string
    readonly action: string
    readonly outcome: string
    readonly type: readonly string[]
  }
  readonly '@timestamp': string
}
const records = (file: string): Event[] =>
  read(file)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Event)

/** Whether a sequence of verbs, each of which worked, cannot be what happened to one dataset that was not mounted. */
const isImpossible = (verbs: readonly string[]): boolean =>
  verbs.some((verb, at) => verb !== (at % 2 === 0 ? 'mount' : 'unmount'))

/** Mounts and unmounts, in an order of chance. */
const mixed = (count: number): string[] =>
  Array.from({ length: count }, () => (Math.random() < 0.5 ? 'mount' : 'unmount'))

attack({
  id: 'A49',
  title: 'the order of the records is the order of what happened, however many ask at once',
  shown:
    'a helper that logs and acts without a lock has `unmount` after `mount` in its log, of which the first one failed',
  baseline: () =>
    withNaive(async () => {
      byRoot('unmount', dataset)
      for (let turn = 0; turn < 40; turn++) {
        const verbs = ['mount', 'unmount', 'mount', 'unmount', 'mount', 'unmount']
        const answers = await askNaive(
          'alice',
          verbs.map(verb => ({ user: 'alice', verb, dataset })),
        )
        // In the order of the log, each of them would have worked.
        const log = read(naiveLog).trimEnd().split('\n').slice(-verbs.length)
        const isClean = !isImpossible(log.map(line => line.split(' ')[0] ?? ''))
        byRoot('unmount', dataset)
        if (isClean && answers.some(({ exitCode }) => exitCode !== 0)) return true
      }
      return false
    }),
  ours: {
    daemon: async () => {
      byRoot('unmount', dataset)
      const { file } = (await daemonOf(rootPolicies.pgd({ limits: { running: 16, queue: 64, perMinute: 1_000_000 } })))
        .policy.audit
      const before = records(file).length
      for (let done = 0; done < turns; done += 100) {
        const some = mixed(Math.min(100, turns - done)).map(verb => ask('pgd_root', mountFrame(dataset, verb)))
        const heard = await speak('alice', some, { together: 12 })
        if (heard.some(({ last }) => last.exitCode === undefined)) throw new Error('an operation was refused')
      }
      const made = records(file).slice(before)
      const ends = made.filter(({ event }) => event.type.includes('end'))
      // One after the other: behind each beginning stands its own end.
      const overlaps = made.some(({ event }, at) => event.type.includes('start') && made[at + 1]?.event.id !== event.id)
      const worked = ends
        .filter(({ event }) => event.outcome === 'success')
        .map(({ event }) => event.action.split('.')[1] ?? '')
      const { ok, unfinished } = await verifyAudit(file)
      trace({ ends: ends.length, worked: worked.length })
      if (ends.length !== turns || worked.length < turns / 10)
        throw new Error(`${worked.length} of ${ends.length} worked`)
      const last = worked.at(-1) === 'mount'
      const isWrong = overlaps || isImpossible(worked) || isMounted() !== last
      byRoot('unmount', dataset)
      return isWrong || !ok || unfinished.length > 0
    },
  },
  onDaemon: {
    stoppedBy:
      'a lock of the container or dataset is held from the guards to the record of the outcome, so records of one object are in the order of effects',
  },
  notApplicable: {
    sudo: 'each caller is a process of its own and writes its own records: their order is that of writing, and nobody claims more',
  },
})

/** A clock that is set back by a day after every look at it, in a module for `node --import`. */
const backwards = '/etc/backwards.mjs'
if (skip === false) {
  writeFileSync(
    backwards,
    `const Real = Date; let back = 0
globalThis.Date = class extends Real {
  constructor(...args) { args.length ? super(...args) : super(Real.now() - 86_400_000 * back++) }
  static now() { return Real.now() - 86_400_000 * back }
}\n`,
  )
}
const clock = { NODE_OPTIONS: `--import=${backwards}` }

/** Whether the times of records go back, as they were written. */
const goesBack = (file: string): boolean =>
  records(file).some(({ '@timestamp': at }, index, all) => index > 0 && at < (all[index - 1]?.['@timestamp'] ?? ''))

/** Whether what says in which order records were made is lost: by sorting them by time, the order of a plain log. */
const sortedWrong = (file: string): boolean => {
  const all = records(file)
  const sorted = all.toSorted((a, b) => a['@timestamp'].localeCompare(b['@timestamp']))
  return sorted.some((record, at) => record !== all[at])
}

/** Whether a chain does not tell what happened although its clock went back, or takes a record of another one. */
async function isFooled(file: string, foreign: string): Promise<boolean> {
  if (!goesBack(file)) throw new Error('the clock did not go back')
  const { ok, unfinished } = await verifyAudit(file)
  const started = new Set<string>()
  for (const { event } of records(file)) {
    if (event.type.includes('start')) started.add(event.id)
    else if (event.type.includes('end') && !started.has(event.id)) return true
  }
  // Two hosts with one id: a record of the other one, put between ours or at the end, is none of this chain.
  const lines = read(file).trimEnd().split('\n')
  const other = read(foreign).trimEnd().split('\n')
  const copy = '/root/mixed-audit.jsonl'
  const mixes = [
    [...lines, other.at(-1) ?? ''],
    [...lines.slice(0, 1), ...other.slice(1, 2), ...lines.slice(1)],
    [...lines.slice(0, 2), ...other.slice(2)],
  ]
  for (const mix of mixes) {
    writeFileSync(copy, mix.map(line => `${line}\n`).join(''))
    if ((await verifyAudit(copy)).ok) return true
  }
  return !ok || unfinished.length > 0
}

const [turned, other] = ['/var/lib/appstore/turned-audit.jsonl', '/var/lib/appstore/other-audit.jsonl']

attack({
  id: 'A51',
  title: 'a clock that is set back, or a second host with the same id, confuses no order of records',
  shown: 'a log that is read by time has the end of an operation before its beginning',
  stoppedBy:
    'records are numbered and chained; verify goes by number and hash, the id of the boot stands beside, and the time is only shown',
  baseline: async () => {
    await library('appstore', [exec(['true']), exec(['true'])], { audit: other, env: clock })
    return goesBack(other) && sortedWrong(other)
  },
  ours: {
    audit: async () => {
      await library('appstore', [exec(['true']), exec(['true']), exec(['false'])], { audit: turned, env: clock })
      return isFooled(turned, other)
    },
    daemon: async () => {
      await stopDaemons()
      const policy = rootPolicies.store({
        policy: 'turned_root',
        audit: { file: '/var/log/privexec/turned_root/audit.jsonl' },
      })
      const daemon = await daemonOf(policy, clock)
      const requests = [['true'], ['false'], ['true']].map(command => ask('turned_root', execFrame(command)))
      await speak('appstore', requests, { together: 1 })
      await askStore([execFrame(['true']), execFrame(['false'])])
      return isFooled(daemon.policy.audit.file, '/var/log/privexec/store_root/audit.jsonl')
    },
  },
  onDaemon: { stoppedBy: 'as with sudo; limits and deadlines go by a clock that is never set' },
})
