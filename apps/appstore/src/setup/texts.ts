import { paths } from './paths.ts'
import type { Wish } from './wish.ts'

/** First line of a file that the setup may replace or remove. */
export const madeBy = '# Made by appstore setup, which may be run again.'

/** Comment of users, tokens and pools that the setup made. */
export const comment = 'Made by appstore setup'

/** The policy of the privileged commands: programs and files in containers of the range, which are the store's. */
export function policyText({ range, pool, transport }: Wish): string {
  const where = `    where: { vmid: ${range.from}-${range.to} }`
  // sudo decides by the command line alone; only a broker can ask whose a container is.
  const guard = transport === 'daemon' ? [`    guard: { pool: ${quoted(pool)}, tags: [appstore, managed] }`] : []
  const grant = (command: string, timeout: string): string[] => [
    `  - command: ${command}`,
    where,
    ...guard,
    `    timeout: ${timeout}`,
  ]
  return `${[
    madeBy,
    'policy: appstore',
    'summary: Install and configure apps in the containers that are reserved for the app store',
    'principal: { user: appstore, service: true }',
    ...(transport === 'daemon' ? ['transport: daemon'] : []),
    'audit: { file: /var/log/privexec/appstore/audit.jsonl }',
    ...(transport === 'daemon' ? ['limits: { running: 16, queue: 64 }'] : []),
    'grants:',
    ...grant('pct.exec', '30m'),
    ...grant('pct.push', '5m'),
  ].join('\n')}\n`
}

/** A configuration to begin with, which the administrator goes on with. */
export function configText(wish: Wish, storage: string, catalog: string): string {
  const { url, pool, fingerprint, bridges } = wish
  return `${[
    madeBy,
    '# A changed file is left as it is, as long as it is for the same node, pool and token.',
    `pool: ${quoted(pool)}`,
    'proxmox:',
    `  url: ${quoted(url)}`,
    `  token_file: ${paths.token}`,
    fingerprint === undefined ? `  ca: ${paths.ca}` : `  fingerprint: ${quoted(fingerprint)}`,
    'listen: { address: 127.0.0.1, port: 8443 }',
    `defaults: { storage: ${quoted(storage)}, network: { bridge: ${quoted(bridges[0] ?? '')}, ipv4: dhcp } }`,
    'catalog:',
    '  sources:',
    `    - { name: shipped, directory: ${quoted(catalog)} }`,
  ].join('\n')}\n`
}

/** A double-quoted text of YAML; every text of JSON is one. */
const quoted = (text: string): string => JSON.stringify(text)

/** glibc keeps an arena for each thread of Node, and returns little: together 25 MB of an idle daemon. */
const small = 'Environment=MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536'

/** A core file would hold the key of the secrets. */
const noCore = 'LimitCORE=0'

/** The rendered unit with the program that runs this. */
export const unitText = (rendered: string, program: readonly string[]): string =>
  rendered.replace(/^ExecStart=.*$/m, () => `${small}\n${noCore}\nExecStart=${program.join(' ')} serve`)
