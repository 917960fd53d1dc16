import {
  argument,
  type Command,
  catalogue,
  defineCommand,
  inHostNamespace,
  literal,
  numberBetween,
  type Policy,
  parsePolicy,
  sequence,
  textType,
} from '../../packages/privexec/src/index.ts'
import { bare, nothing } from './root/commands.ts'

const byteCount = sequence(numberBetween(1, 1024), literal('M'))

/** Writes zeros to its standard output. */
export const flood = defineCommand({
  id: 'bench.flood',
  summary: 'Write many bytes',
  program: inHostNamespace('/usr/bin/head'),
  argv: [
    '-c',
    argument('size', textType({ name: 'size', allowed: '1M to 1024M', pattern: byteCount }, /^\d+M$/)),
    '/dev/zero',
  ],
})

/** Everything that the benchmark runs, for one account. */
const text = `
policy: bench
summary: Commands of the benchmark
principal: { user: appstore, service: true }
audit: { file: /var/log/privexec/bench/audit.jsonl }
grants:
  - { command: bench.nothing, where: { vmid: 20000-20999 }, timeout: 30s }
  - { command: bench.bare, where: { vmid: 20000-20999 }, timeout: 30s }
  - { command: bench.flood, timeout: 5m }
  - { command: pct.exec, where: { vmid: 20000-20999 }, timeout: 30s }
  - { command: zfs.mount, where: { base: { dataset: tank/pgd/databases, depth: 2 } }, timeout: 30s }
  - { command: zfs.unmount, where: { base: { dataset: tank/pgd/databases, depth: 2 } }, timeout: 30s }
`

export const benchPolicy = (): Promise<Policy> =>
  parsePolicy(text, { commands: [...catalogue, nothing, bare, flood] as unknown as readonly Command[] })

/** The same two commands through the root-side broker. No limit of it is reached. */
export const rootPolicyText = JSON.stringify({
  policy: 'benchroot',
  summary: 'Commands of the benchmark, through the root-side broker',
  principal: { user: 'appstore', service: true },
  transport: 'daemon',
  limits: { perMinute: 1_000_000 },
  audit: { file: '/var/log/privexec/benchroot/audit.jsonl' },
  grants: [nothing, bare].map(({ id }) => ({ command: id, where: { vmid: '20000-20999' }, timeout: '30s' })),
})

/** The commands that the bundle of the benchmark has. */
export const rootCommands = [nothing, bare] as unknown as readonly Command[]

/** Rules for the same programs as they are written by hand today. */
export const starRules: string = `\
appstore ALL=(root) NOPASSWD: /usr/bin/true *
appstore ALL=(root) NOPASSWD: /usr/bin/nsenter --mount\\=/proc/1/ns/mnt -- /usr/bin/true *
`
