import {
  argument,
  type Command,
  catalogue,
  containerId,
  defineCommand,
  inHostNamespace,
  literal,
  numberBetween,
  type Policy,
  parsePolicy,
  sequence,
  textType,
} from '../../packages/privexec/src/index.ts'

/** The cheapest privileged command there is, below nsenter as the real ones are. */
export const nothing = defineCommand({
  id: 'bench.nothing',
  summary: 'Do nothing',
  program: inHostNamespace('/usr/bin/true'),
  argv: [argument('vmid', containerId())],
})

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
  - { command: bench.flood, timeout: 5m }
  - { command: pct.exec, where: { vmid: 20000-20999 }, timeout: 30s }
  - { command: zfs.mount, where: { base: tank/pgd/databases }, timeout: 30s }
  - { command: zfs.unmount, where: { base: tank/pgd/databases }, timeout: 30s }
`

export const benchPolicy = (): Promise<Policy> =>
  parsePolicy(text, { commands: [...catalogue, nothing, flood] as unknown as readonly Command[] })
