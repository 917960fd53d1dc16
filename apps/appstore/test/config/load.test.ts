import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import type { AppstoreError } from '../../src/errors/error.ts'
import { temporaryDirectory } from '../support/store.ts'

const least = `pool: appstore
proxmox:
  url: https://127.0.0.1:8006
  token_file: /etc/appstore/token
  ca: /etc/pve/pve-root-ca.pem
`

function problemsOf(text: string): readonly string[] {
  try {
    parseConfig(text, 'config.yml')
  } catch (error) {
    return (error as AppstoreError).message.split('\n')
  }
  return []
}

t.test('the shortest configuration has all defaults', async t => {
  t.match(parseConfig(least, 'config.yml'), {
    pool: 'appstore',
    state: '/var/lib/appstore',
    policy: '/etc/privexec/policies.d/appstore.yaml',
    proxmox: { insecure: false, ca: '/etc/pve/pve-root-ca.pem' },
    listen: { address: '127.0.0.1', port: 8443, names: [] },
    sources: [],
    jobs: { atOnce: 4, keepDays: 90 },
    timeouts: { network: 60_000, health: 120_000, shutdown: 60_000 },
  })
})

t.test('everything can be said', async t => {
  const config = parseConfig(
    `${least}listen: { address: 0.0.0.0, port: 443, names: [store.example.org], certificate: /c.pem, key: /k.pem }
defaults: { storage: local-zfs, backup_storage: local, network: { bridge: vmbr0, ipv4: dhcp, vlan: 5 }, onboot: true }
catalog:
  sources:
    - { name: main, url: https://example.org/catalog.git, ssh_key: /k, trusted: true }
    - { name: mine, directory: /srv/apps }
jobs: { at_once: 8, keep_days: 30 }
timeouts: { network: 90s, health: 5m, shutdown: 1h }
`,
    'config.yml',
  )
  t.match(config, {
    listen: { port: 443, certificate: '/c.pem' },
    defaults: { storage: 'local-zfs', backupStorage: 'local', network: { vlan: 5 }, onboot: true },
    sources: [
      { name: 'main', sshKey: '/k', trusted: true },
      { name: 'mine', directory: '/srv/apps' },
    ],
    timeouts: { network: 90_000, health: 300_000, shutdown: 3_600_000 },
  })
})

t.test('what is wrong is told with line, column and field, all of it at once', async t => {
  t.same(problemsOf(`${least}listen: { port: 70000 }\ncolour: red\n`), [
    'config.yml:6:17: listen.port: must be at most 65535',
    'config.yml:7:1: colour: "colour" is not a key of the format',
  ])
  t.match(problemsOf(least.replace(/ {2}ca:.*\n/, ''))[0], /3:\d+: proxmox: needs ca or fingerprint/)
  t.match(problemsOf(`${least}  insecure: true\n`)[0], /proxmox\.insecure: contradicts/)
  t.match(problemsOf(`${least}timeouts: { health: 5 }\n`)[0], /timeouts\.health: must be a span/)
  t.match(problemsOf(`${least}listen: { key: /k.pem }\n`)[0], /certificate and key go together/)
  t.match(problemsOf(`${least}pool: other\n`)[0], /6:1/, 'a key that is there twice')
})

t.test('a file that others may write is refused', async t => {
  const file = join(temporaryDirectory(t), 'config.yml')
  writeFileSync(file, least, { mode: 0o640 })
  t.equal(loadConfig(file).pool, 'appstore')
  chmodSync(file, 0o666)
  t.throws(() => loadConfig(file), { code: 'APPSTORE_CONFIG_INVALID', message: /can be written by others/ })
  t.throws(() => loadConfig(`${file}.none`), { code: 'APPSTORE_CONFIG_INVALID', message: /cannot be read/ })
})
