import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { serverOptions, toolOptions } from '../../../src/runtime/docker/options.ts'
import type { Traits } from '../../../src/runtime/docker/traits.ts'
import type { ServerSpec, Tool } from '../../../src/runtime/runtime.ts'

const account = { uid: 1000, gid: 1001, passwd: '/home/alice/passwd' }
const docker: Traits = { name: 'docker', version: '20', isRootless: false, isRemapped: false, isLabelled: false }
const kind = { image: 'postgres:17', version: 17 }
const spec: ServerSpec = {
  key: 'abcdefghjk.2',
  project: 'shop',
  branch: 'dev',
  kind,
  volume: '/tank/shop/dev',
  settings: { port: '5432', ssl: 'on' },
  reads: [],
}

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
const path = fc.array(word, { minLength: 1, maxLength: 4 }).map(parts => `/${parts.join('/')}`)
const specs: fc.Arbitrary<ServerSpec> = fc
  .record({
    key: fc.stringMatching(/^[a-z]{10}\.[1-9]$/),
    project: word,
    branch: word,
    volume: path,
    port: fc.option(fc.integer({ min: 1024, max: 65535 }), { nil: undefined }),
    settings: fc.dictionary(word, fc.string()),
    reads: fc.uniqueArray(path, { maxLength: 3 }),
    memory: fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
    cpus: fc.option(fc.double({ min: 0.01, max: 64, noNaN: true }), { nil: undefined }),
  })
  .map(({ port, memory, cpus, ...rest }) => ({
    ...rest,
    kind,
    ...(port === undefined ? {} : { port }),
    ...(memory === undefined ? {} : { memory }),
    ...(cpus === undefined ? {} : { cpus }),
  }))
const traits: fc.Arbitrary<Traits> = fc.record({
  name: fc.constantFrom('docker', 'podman'),
  version: fc.string(),
  isRootless: fc.boolean(),
  isRemapped: fc.boolean(),
  isLabelled: fc.boolean(),
})
const tools: fc.Arbitrary<Tool> = fc.record(
  {
    argv: fc.tuple(word, fc.string()) as fc.Arbitrary<[string, ...string[]]>,
    kind: fc.constant(kind),
    volume: path,
    env: fc.dictionary(word, fc.string()),
    network: fc.boolean(),
  },
  { requiredKeys: ['argv', 'kind'] },
)

t.test('no container has a right that its account has not, whatever is asked for', async t => {
  const anything = fc.oneof(
    fc.tuple(specs, traits).map(([spec, traits]) => serverOptions(spec, account, traits)),
    fc.tuple(tools, traits).map(([tool, traits]) => toolOptions(tool, account, traits)),
  )
  const property = fc.property(anything, options => {
    const host = options.HostConfig ?? {}
    const isBound = options.User === '1000:1001' && host.ReadonlyRootfs === true
    const isBare = host.Privileged === undefined && host.CapAdd === undefined && host.Devices === undefined
    const isDropped = host.CapDrop.join() === 'ALL' && host.SecurityOpt.includes('no-new-privileges')
    return isBound && isBare && isDropped && host.Binds === undefined && host.RestartPolicy?.Name === 'no'
  })
  await holds(t, property)
})

t.test('only the volume can be written, and a mount that lacks its source is none', async t => {
  const property = fc.property(specs, spec => {
    const mounts = serverOptions(spec, account, docker).HostConfig?.Mounts ?? []
    const writable = mounts.filter(({ ReadOnly }) => !ReadOnly)
    const isOnlyVolume = writable.length === 1 && writable[0]?.Source === spec.volume && writable[0]?.Target === '/pgd'
    const sources = mounts.slice(2).map(({ Source }) => Source)
    const isBind = mounts.every(({ Type }) => Type === 'bind')
    return (
      isOnlyVolume &&
      isBind &&
      sources.join() === spec.reads.join() &&
      new Set(mounts.map(({ Target }) => Target)).size === mounts.length
    )
  })
  await holds(t, property)
})

t.test('a port is published on the loopback alone, and a server without one has no network', async t => {
  const property = fc.property(specs, spec => {
    const { HostConfig: host = {}, Cmd: words = [] } = serverOptions(spec, account, docker)
    const published: Record<string, { HostIp: string; HostPort: string }[]> = host.PortBindings ?? {}
    const bindings = Object.values(published).flat()
    if (spec.port === undefined) {
      return host.NetworkMode === 'none' && bindings.length === 0 && words.includes('listen_addresses=')
    }
    const [only] = bindings
    if (host.NetworkMode !== 'pgd-servers') return false
    return bindings.length === 1 && only?.HostIp === '127.0.0.1' && only.HostPort === String(spec.port)
  })
  await holds(t, property)
})

t.test('settings are words of their own, whatever they hold', async t => {
  const property = fc.property(specs, spec => {
    const { Entrypoint: program, Cmd: words = [] } = serverOptions(spec, account, docker)
    const given = Object.entries(spec.settings).filter(([name]) => name !== 'listen_addresses')
    return String(program) === 'postgres' && given.every(([name, value]) => words.includes(`${name}=${value}`))
  })
  await holds(t, property)
})

t.test('limits are those that were asked for', async t => {
  const { HostConfig: host } = serverOptions({ ...spec, memory: 512 * 1024 ** 2, cpus: 1.5 }, account, docker)
  t.match(host, { Memory: 512 * 1024 ** 2, MemorySwap: 512 * 1024 ** 2, NanoCpus: 1.5e9, ShmSize: 512 * 1024 ** 2 })
  const free = serverOptions(spec, account, docker).HostConfig ?? {}
  for (const limit of ['Memory', 'MemorySwap', 'NanoCpus']) t.notOk(limit in free, `${limit} is not set unasked`)
})

t.test(
  'a container tells whose it is, and the port that its server listens on inside is the one of its settings',
  async t => {
    const options = serverOptions({ ...spec, port: 54321, settings: { port: '6000' } }, account, docker)
    t.equal(options.name, 'pgd.shop.dev.abcdefghjk.2')
    t.strictSame(options.Labels, {
      'pgd.account': '1000',
      'pgd.key': 'abcdefghjk.2',
      'pgd.server': 'project=shop,branch=dev,port=54321',
    })
    t.strictSame(Object.keys(options.HostConfig?.PortBindings), ['6000/tcp'])
    t.strictSame(options.ExposedPorts, { '6000/tcp': {} })
  },
)

t.test('user ids are those of the host, on engines that would map them', async t => {
  const of = (more: Partial<Traits>) => toolOptions({ argv: ['id'], kind }, account, { ...docker, ...more }).HostConfig
  t.equal(of({})?.UsernsMode, undefined)
  t.equal(of({ isRemapped: true })?.UsernsMode, 'host')
  t.equal(of({ name: 'podman', isRootless: true })?.UsernsMode, 'keep-id')
  t.equal(of({ name: 'podman' })?.UsernsMode, undefined)
  t.strictSame(of({ isLabelled: true })?.SecurityOpt, ['no-new-privileges', 'label=disable'])
})

t.test('a tool has a network only where it asks for it, and its container goes when it ends', async t => {
  const of = (more: Partial<Tool>) => toolOptions({ argv: ['pg_dump', '-s'], kind, ...more }, account, docker)
  t.match(of({}), {
    Entrypoint: ['pg_dump'],
    Cmd: ['-s'],
    OpenStdin: false,
    HostConfig: { NetworkMode: 'none', AutoRemove: true },
  })
  t.equal(of({ network: true }).HostConfig?.NetworkMode, 'host')
  t.notOk('pgd.key' in (of({}).Labels ?? {}), 'it is no server')
})

t.test('a container without an image is an error of the program', async t => {
  t.throws(() => serverOptions({ ...spec, kind: { version: 17 } }, account, docker), TypeError)
})
