import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { consentDifference, consentOf } from '../../../src/catalog/consent/consent.ts'
import { reservedBy } from '../../../src/catalog/consent/reserved.ts'
import { folderAt } from '../../../src/catalog/manifest/files.ts'
import type { Manifest } from '../../../src/catalog/manifest/manifest.ts'
import { readApp } from '../../../src/catalog/manifest/read-app.ts'
import { least, manifestOf } from '../support/catalog.ts'

const base = join(import.meta.dirname, '../existing/apps')
const read = (id: string): Manifest => readApp(folderAt(join(base, id), `apps/${id}`), id).value as Manifest
const asks = (manifest: Manifest): string[] =>
  consentOf([manifest]).items.map(({ severity, kind }) => `${severity} ${kind}`)

t.test('an app that wants nothing asks for nothing', async t => {
  const { items, refused, hash } = consentOf([manifestOf(least())])
  t.same([items, refused], [[], []])
  t.match(hash, /^[0-9a-f]{64}$/)
})

t.test('what reaches beyond the guest is a danger and stands first', async t => {
  t.same(asks(read('gluetun')).slice(0, 4), ['danger privileged', 'danger device', 'danger lxc', 'notice feature'])
  t.same(asks(read('resilio-sync')).slice(0, 2), ['danger bind', 'danger feature'])
  t.ok(asks(read('ollama')).includes('notice installer'))
  for (const { text } of consentOf([read('gluetun')]).items) t.match(text, /^[A-Z]/)
})

t.test('leaving out "unprivileged" asks for a privileged guest', async t => {
  t.same(asks(manifestOf(least().replace('    unprivileged: true\n', ''))), ['danger privileged'])
})

t.test(
  'an app that needs what Proxmox keeps for root@pam is refused, with the reason, unless a command does it',
  async t => {
    const { refused } = consentOf([read('gluetun')])
    t.match(refused, [/a privileged container, which Proxmox reserves/, /devices of the host \(\/dev\/net\/tun\)/])
    t.same(consentOf([read('gluetun')], new Set(['privileged', 'devices'])).refused, [])
    t.match(consentOf([read('resilio-sync')]).refused, [/features beyond nesting \(keyctl\)/, /folders of the host/])
    t.same(consentOf([read('jellyfin')]).refused, [], 'an optional folder or device is left out')
    t.match(reservedBy(read('jellyfin')), [
      { kind: 'binds', optional: true },
      { kind: 'devices', optional: true },
    ])
    const raw = least('app').replace('provisioning:', '  extra_config: ["lxc.environment: A=b"]\nprovisioning:')
    t.match(consentOf([manifestOf(raw)]).refused, [/raw LXC configuration \(lxc\.environment: A=b\)/])
  },
)

t.test('the hash changes with what is asked for, and with nothing else', async t => {
  const permissions = 'permissions:\n  packages: [curl, jq]\n  urls: ["https://a.example/*"]\n'
  const before = manifestOf(least('app', permissions))
  const hash = (text: string): string => consentOf([manifestOf(text)]).hash
  const text = least('app', permissions)
  t.equal(hash(text.replace('[curl, jq]', '[jq, curl, jq]').replace('1.0.0', '2.0.0')), consentOf([before]).hash)
  for (const [from, to] of [
    ['jq', 'nginx'],
    ['a.example', 'b.example'],
    ['packages', 'pip'],
    ['unprivileged: true', 'unprivileged: false'],
  ] as const) {
    t.not(hash(text.replace(from, to)), consentOf([before]).hash, to)
  }
  t.same(consentDifference(before, manifestOf(text.replace('jq', 'nginx'))), {
    added: ['package: nginx'],
    removed: ['package: jq'],
  })
})

t.test('apps of one guest ask together, each thing once', async t => {
  const both = consentOf([read('hello-world'), read('nginx')])
  const values = both.items.find(({ kind }) => kind === 'package')?.values
  t.same(values, ['nginx', 'openssl'])
  t.equal(both.hash, consentOf([read('nginx'), read('hello-world')]).hash)
  t.not(both.hash, consentOf([read('hello-world')]).hash)
})

t.test('two apps have the same hash only when they ask for the same', async t => {
  const words = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 })
  const wishes = fc.record({ packages: words, pip: words, commands: words })
  const of = (wish: object): Manifest => manifestOf(least('app', `permissions: ${JSON.stringify(wish)}\n`))
  const sorted = (wish: Record<string, string[]>): string =>
    JSON.stringify(Object.values(wish).map(list => [...list].sort()))
  await holds(
    t,
    fc.property(
      wishes,
      wishes,
      (one, other) => (consentOf([of(one)]).hash === consentOf([of(other)]).hash) === (sorted(one) === sorted(other)),
    ),
  )
})
