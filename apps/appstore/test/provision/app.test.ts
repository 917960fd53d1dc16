import t from 'tap'
import type { Manifest } from '../../src/catalog/manifest/manifest.ts'
import { appOf, fillIn, secretValues } from '../../src/provision/app.ts'
import { outputsOf } from '../../src/provision/outputs.ts'
import { requestOf } from '../../src/provision/request.ts'

const manifest = {
  id: 'notes',
  permissions: {},
  inputs: [
    { key: 'port', type: 'number' },
    { key: 'token', type: 'secret' },
    { key: 'claim', type: 'string' },
  ],
  provisioning: {
    script: 'install.py',
    env: { TOKEN: '{{token}}', PORT: '{{port}}', LICENCE: 'abc', OTHER: '{{nothing}}' },
    redact: ['claim', 'LICENCE'],
  },
  outputs: [
    { key: 'url', label: 'Page', value: 'http://{{ip}}:{{port}}/', secret: false },
    { key: 'login', label: 'Login', value: 'admin {{token}}', secret: true },
  ],
} as unknown as Manifest

const inputs = { port: 80, token: 't0ken', claim: 'cl4im' }

t.test('secrets are those of the manifest, and what shows them', async t => {
  const app = appOf(manifest, '/apps/notes')
  t.same(app.secrets, ['token', 'claim'])
  t.same(app.secretVariables, ['TOKEN', 'LICENCE'])
  t.same(secretValues(app, inputs), ['t0ken', 'cl4im', 'abc'])
  t.same(secretValues(app, { port: 80, token: '' }), ['abc'], 'what is empty hides nothing')
})

t.test('a request holds everything that the runner needs', async t => {
  t.same(JSON.parse(requestOf(appOf(manifest, '/apps/notes'), inputs, { CONTAINER_IP: '192.0.2.1', PORT: '1' })), {
    inputs,
    secrets: ['token', 'claim'],
    redact: ['t0ken', 'cl4im', 'abc'],
    env: { CONTAINER_IP: '192.0.2.1', TOKEN: 't0ken', PORT: '80', LICENCE: 'abc', OTHER: '{{nothing}}' },
    timeout: 1800,
  })
})

t.test('values are filled in once, and nothing of an object but its own keys', async t => {
  t.equal(fillIn('{{a}} {{ b }} {{c}} {{toString}}', { a: '{{b}}', b: true }), '{{b}} true {{c}} {{toString}}')
})

t.test('outputs of manifest and script are merged, secrets apart', async t => {
  const told = new Map([
    ['mqtt', { value: 'mqtt://{{ip}}:1883', secret: false }],
    ['url', { value: 'http://{{IP}}:81/', secret: false }],
    ['password', { value: 'p', secret: true }],
  ])
  t.same(outputsOf(manifest.outputs, told, inputs, { ip: '192.0.2.7' }), {
    outputs: [
      { key: 'url', label: 'Page', value: 'http://192.0.2.7:81/' },
      { key: 'login', label: 'Login', secret: true },
      { key: 'mqtt', label: 'mqtt', value: 'mqtt://192.0.2.7:1883' },
      { key: 'password', label: 'password', secret: true },
    ],
    secrets: { login: 'admin t0ken', password: 'p' },
  })
  t.match(outputsOf(manifest.outputs, new Map(), inputs), { outputs: [{ value: 'http://{{ip}}:80/' }, {}] })
})

t.test('an output that shows a secret is one, whatever it is said to be', async t => {
  const given = { pin: '12', token: 'a "quoted" one', port: 80 }
  const told = new Map(
    [
      '{{pin}}',
      'of {{ token }}',
      JSON.stringify(given),
      `http://x:${encodeURIComponent(given.token)}@y/`,
      '{{port}}',
    ].map((value, n) => [`o${n}`, { value, secret: false }] as const),
  )
  const declared = [{ key: 'hint', label: 'Hint', value: 'it is {{token}}', secret: false }]
  const { outputs, secrets } = outputsOf(declared, told, given, { secrets: ['12', given.token] })
  t.same(Object.keys(secrets), ['hint', 'o0', 'o1', 'o2', 'o3'])
  t.same(
    outputs.flatMap(({ value }) => value ?? []),
    ['80'],
  )
})
