import { z } from 'zod'
import { count, fields, flag, line, list } from '../catalog/manifest/fields.ts'
import { network, storageName } from '../requests/values.ts'

/** Keys whose values are numbers or switches; values of all others are texts. */
export const typedKeys: ReadonlySet<string> = new Set([
  ...['port', 'vlan', 'mtu', 'cores', 'memory', 'disk', 'at_once', 'keep_days'],
  ...['insecure', 'firewall', 'onboot', 'trusted'],
])

const absolute = line(500).refine(
  path => path.startsWith('/') && !/\/\.\.?(?:\/|$)/.test(path),
  'must be an absolute path',
)

/** A span of time: `30s`, `5m`, `2h`. */
const span = z
  .string('must be a text')
  .regex(/^[1-9]\d{0,5}(?:s|m|h)$/, 'must be a span such as 30s, 5m or 2h')
  .transform(text => Number(text.slice(0, -1)) * { s: 1000, m: 60_000, h: 3_600_000 }[text.at(-1) as 's' | 'm' | 'h'])

const fingerprint = line(95).regex(/^(?:[0-9A-Fa-f]{2}:?){32}$/, 'must be a SHA-256 fingerprint, 64 hexadecimal digits')

const sourceName = line(63).describe('Name of the source, unique')

const trusted = flag.optional().describe('Believes apps that call themselves official or featured')

const source = z.union(
  [
    fields({
      name: sourceName,
      url: line(1000).describe('https://, ssh://, git@HOST:PATH or file://, without a password'),
      branch: line(200).optional().describe("Default: the repository's own"),
      credentials: absolute.optional().describe("File as git's credential store has it, mode 0600, for https"),
      ssh_key: absolute.optional().describe('Private key, mode 0600, for ssh'),
      known_hosts: absolute.optional().describe('Host keys to trust, for ssh; default /etc/ssh/ssh_known_hosts'),
      ca: absolute.optional().describe('Certificates (PEM) of which one must have issued that of the server'),
      proxy: line(300).optional().describe('Proxy for https: http://HOST:PORT'),
      trusted,
    }),
    fields({
      name: sourceName,
      directory: absolute.describe('Directory with apps/ and stacks/; what is in it is in use at once'),
      trusted,
    }),
  ],
  'must have a name, and a url or a directory',
)

/** What `config.yml` may say. */
export const configSchema = fields({
  node: line(63).optional().describe('Node that guests are made on; left out: the one that answers'),
  pool: line(100).describe('Pool of the guests; the token has rights on it alone'),
  state: absolute.optional().describe('Directory of the database and the catalog; default /var/lib/appstore'),
  policy: absolute.optional().describe('Policy of the privileged commands; its range of ids is the range of the store'),
  proxmox: fields({
    url: line(500).describe('https://HOST:8006'),
    token_file: absolute.describe('File with USER@REALM!NAME=SECRET, readable to the daemon alone'),
    ca: absolute.optional().describe("Certificate that issued the node's: /etc/pve/pve-root-ca.pem"),
    fingerprint: fingerprint.optional().describe("SHA-256 of the node's own certificate"),
    insecure: flag.optional().describe('Takes any certificate: whoever is in between reads the token'),
  }),
  listen: fields({
    address: line(45).optional().describe('Default 127.0.0.1'),
    port: count(1, 65_535).optional().describe('Default 8443'),
    names: list(line(253), 50).optional().describe('Names and addresses by which browsers reach the page'),
    certificate: absolute.optional().describe('PEM; left out: one of its own, whose fingerprint is printed'),
    key: absolute.optional().describe('Private key of the certificate, PEM'),
  }).optional(),
  defaults: fields({
    storage: storageName.optional().describe('Storage of root disks and volumes; default: the one with most space'),
    backup_storage: storageName.optional().describe('Storage of backups'),
    network: network.optional(),
    onboot: flag.optional().describe('Whether guests start with the node'),
  }).optional(),
  catalog: fields({ sources: list(source, 50).min(1, 'must not be empty') }).optional(),
  jobs: fields({
    at_once: count(1, 100).optional().describe('Jobs that run at the same time; default 4'),
    keep_days: count(1, 3650).optional().describe('How long jobs that have ended are kept; default 90'),
  }).optional(),
  timeouts: fields({
    network: span.optional().describe('For a guest to get an address; default 60s'),
    health: span.optional().describe('For an app to answer; default 2m'),
    shutdown: span.optional().describe('For a guest to shut down before it is stopped; default 60s'),
    task: span.optional().describe('For a task of Proxmox, such as a start, before it is ended; default 15m'),
    create: span.optional().describe('The same for making a guest, or fetching a template; default 30m'),
    copy: span.optional().describe('The same for a backup or a restore; default 12h'),
  }).optional(),
})

export type ConfigDocument = z.output<typeof configSchema>
