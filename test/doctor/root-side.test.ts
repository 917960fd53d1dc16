import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { asRoot, bundle, example, rootsNode } from '../cli/support/privexec.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'

if (!insideHost()) t.bailout('needs the throwaway host: node test/host/run.ts -- tap --jobs=1 test/doctor/*.test.ts')
prepareHost()
bundle()
mkdirSync('/etc/systemd/system/sockets.target.wants', { recursive: true })

const file = example('daemon', 'appstore')
const socket = '/run/privexec/appstore/socket'
const units = '/etc/systemd/system'
const isNew = !existsSync('/usr/sbin/pct')
if (isNew) writeFileSync('/usr/sbin/pct', '#!/bin/sh\n', { mode: 0o755 })
rmSync('/var/log/privexec/appstore', { recursive: true, force: true })
rmSync('/etc/sudoers.d/privexec_appstore', { force: true })
const { exitCode, stderr } = asRoot('policy', 'install', '--node', rootsNode(), file)
t.equal(exitCode, 0, stderr)

// What systemd does when the socket is enabled and started.
symlinkSync(`${units}/privexecd-appstore.socket`, `${units}/sockets.target.wants/privexecd-appstore.socket`)
const server = createServer().listen(socket)
await once(server, 'listening')
chownSync(socket, 0, statSync('/run/privexec/appstore').gid)
chmodSync(socket, 0o660)

t.teardown(() => {
  server.close()
  asRoot('policy', 'uninstall', file)
  rmSync('/var/log/privexec/appstore', { recursive: true, force: true })
  if (isNew) rmSync('/usr/sbin/pct')
  prepareHost()
})

interface Found {
  readonly check: string
  readonly level: string
  readonly message: string
}
const look = (): Found[] => JSON.parse(asRoot('doctor', 'appstore', '--json').stdout).findings
const bad = (list: readonly Found[]) =>
  list.filter(({ check, level }) => (level === 'error' || level === 'warning') && check !== 'kernel')

t.test('a good installation for a socket is well, and the digest is told', async t => {
  const list = look()
  t.same(bad(list), [])
  const digest = /privexecd is the one of this package, SHA-256 [0-9a-f]{64}$/
  t.ok(list.some(({ check, message }) => check === 'broker' && digest.test(message)))
  const well = list.filter(({ level }) => level === 'ok').map(({ check }) => check)
  for (const check of ['transport', 'rights', 'groups', 'broker', 'units', 'socket', 'programs', 'staging', 'audit']) {
    t.ok(well.includes(check), check)
  }
})

/** A file with other content, for as long as the fault lasts. */
function edited(path: string, change: (text: string) => string) {
  const before = existsSync(path) ? readFileSync(path) : undefined
  return {
    plant: () => writeFileSync(path, change(before?.toString() ?? '')),
    undo: () => (before === undefined ? rmSync(path) : writeFileSync(path, before)),
  }
}

const faults = {
  'an edited unit': [
    edited(`${units}/privexecd-appstore.service`, text => text.replace('ProtectSystem=strict', 'ProtectSystem=no')),
    /^error units: .*first difference is in line/,
  ],
  'another broker': [
    edited('/usr/libexec/privexec/privexecd', text => `${text}//\n`),
    /^error broker: .*and this package's/,
  ],
  'a policy that was edited where root reads it': [
    edited('/etc/privexec/policies.d/appstore.json', text => text.replace('20000-20999', '100-20999')),
    /^error broker: .*appstore\.json is not what/,
  ],
  'a drop-in that was left': [
    edited('/etc/sudoers.d/privexec_appstore', () => 'appstore ALL=(root) NOPASSWD: /usr/sbin/pct\n'),
    /^warning transport: .*the machine offers both/,
  ],
  'the same drop-in, as a right past the guards': [
    edited('/etc/sudoers.d/privexec_appstore', () => 'appstore ALL=(root) NOPASSWD: /usr/sbin/pct\n'),
    /^error rights: .*beyond the policy.*\/usr\/sbin\/pct/,
  ],
  'a socket for everybody': [
    { plant: () => chmodSync(socket, 0o666), undo: () => chmodSync(socket, 0o660) },
    /^error socket: .*mode 0666/,
  ],
  'a directory of the socket for everybody': [
    { plant: () => chmodSync('/run/privexec/appstore', 0o755), undo: () => chmodSync('/run/privexec/appstore', 0o750) },
    /^error socket: .*mode 0755/,
  ],
  'a warden of somebody else': [
    {
      plant: () => chownSync('/usr/libexec/privexec/warden', 65_534, 0),
      undo: () => chownSync('/usr/libexec/privexec/warden', 0, 0),
    },
    /^error programs: .*warden belongs to the account 65534/,
  ],
  'records of somebody else': [
    {
      plant: () => chownSync('/var/log/privexec/appstore', 65_534, 0),
      undo: () => chownSync('/var/log/privexec/appstore', 0, 0),
    },
    /^error audit: .*belongs to the account 65534/,
  ],
} as const

for (const [title, [{ plant, undo }, expected]] of Object.entries(faults)) {
  t.test(`found: ${title}`, async t => {
    plant()
    const found = bad(look()).map(({ check, level, message }) => `${level} ${check}: ${message}`)
    undo()
    t.ok(
      found.some(line => expected.test(line)),
      found.join('\n'),
    )
  })
}

t.test('after all faults were taken away, the installation is good again', async t => {
  appendFileSync('/var/log/privexec/appstore/audit.jsonl', '')
  t.same(bad(look()), [])
})
