import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folderAt } from '../../../src/catalog/manifest/files.ts'
import { readApp } from '../../../src/catalog/manifest/read-app.ts'
import { readStack, readTrial } from '../../../src/catalog/manifest/read-stack.ts'

const base = join(import.meta.dirname, '../existing')
const folder = (path: string) => folderAt(join(base, path), path)
const read = (id: string) => {
  const { value, problems } = readApp(folder(`apps/${id}`), id)
  if (value === undefined) throw new Error(JSON.stringify(problems))
  return value
}

t.test('all manifests of the shapes of the existing catalog are read without a problem', async t => {
  const ids = readdirSync(join(base, 'apps'))
  t.equal(ids.length, 13)
  for (const id of ids) t.same(readApp(folder(`apps/${id}`), id).problems, [], id)
})

t.test('a guest is as its manifest says, and privileged where it says nothing', async t => {
  const { guest } = read('gluetun')
  t.match(guest, { template: 'debian-12', unprivileged: false, cores: 1, memory: 256, disk: 2, features: ['nesting'] })
  t.match(guest.extraConfig, [
    { key: 'device', type: 'c', major: 10, minor: 200, access: 'rwm' },
    { key: 'mount', source: '/dev/net/tun', target: 'dev/net/tun', options: ['bind', 'create=file'] },
  ])
  t.ok(read('pihole-official').guest.requireStaticIp)
  t.equal(read('crawl4ai').version, '0.8.0')
  t.equal(read('qbittorrent').guest.template, 'alpine-3.22')
})

t.test('inputs have their type, their rules, and what may be chosen', async t => {
  const { inputs } = read('gluetun')
  t.match(inputs[0], { key: 'vpn_provider', type: 'select', required: true })
  t.same(inputs[0]?.options, ['airvpn', 'custom', 'mullvad', 'private internet access', 'protonvpn'])
  t.same(inputs[2]?.showWhen, { input: 'vpn_provider', values: ['airvpn', 'private internet access', 'protonvpn'] })
  t.match(read('crawl4ai').inputs[0], { type: 'number', default: 11235, min: 1024, max: 65535 })
  t.match(read('crawl4ai').inputs[2], { type: 'boolean', default: true })
  t.match(read('resilio-sync').inputs[0], { minLength: 2, maxLength: 40, regex: '^[a-z0-9-]+$' })
  t.equal(read('gitlab').inputs[0]?.default, undefined, 'an empty text is no default')
})

t.test('volumes, outputs, permissions and devices', async t => {
  t.match(read('jellyfin').volumes, [
    { name: 'media', type: 'bind', path: '/mnt/media', size: 0, defaultHostPath: '/mnt/storage/media', readOnly: true },
    { name: 'config', type: 'volume', path: '/var/lib/jellyfin', size: 10 },
  ])
  t.ok(read('resilio-sync').volumes[0]?.sharedHostPath)
  t.same(
    read('gitlab').outputs.map(({ key, secret }) => [key, secret]),
    [
      ['url', false],
      ['initial_password', true],
    ],
    'an output that shows a secret is one',
  )
  t.same(read('plex').permissions.aptRepos, ['deb https://downloads.example.org/repo/deb public main'])
  t.same(read('ollama').gpu.supported, ['intel', 'amd', 'nvidia'])
  t.same(read('plex').provisioning, {
    ...{ script: 'install.py', env: { PLEX_CLAIM: '{{claim_token}}' }, timeout: 600, redact: ['PLEX_CLAIM'] },
  })
})

t.test('stacks, and how apps are tried', async t => {
  const { value, problems } = readStack(folder('stacks/media-stack'), 'media-stack')
  t.same(problems, [])
  t.match(value, { template: 'debian-12', unprivileged: false, cores: 4, memory: 4096, disk: 16 })
  t.same(value?.apps, [
    { app: 'gluetun', inputs: {} },
    { app: 'qbittorrent', inputs: { webui_port: 8081, initial_password: '127.0.0.1' } },
  ])
  t.same(readTrial(folder('apps/jellyfin')).value, { skip: false, skipBindMounts: true, inputs: {} })
  t.match(readTrial(folder('apps/gitlab')).value, { memory: 4096, disk: 16, inputs: { gitlab_port: 8080 } })
  t.same(readTrial(folder('apps/nginx')), { value: { skip: false, skipBindMounts: false, inputs: {} }, problems: [] })
})
