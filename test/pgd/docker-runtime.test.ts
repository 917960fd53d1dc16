import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { docker, imageVersion, killEngine } from '../host/docker.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { runScriptAs, startAs } from '../host/service.ts'
import type { Scenarios } from './docker/scenarios.ts'

t.setTimeout(240_000)
const skip = insideHost()
  ? false
  : 'runs in a throwaway host: node test/host/run.ts -- tap test/pgd/docker-runtime.test.ts'
if (skip === false) prepareHost({ docker: true })
const script = join(import.meta.dirname, 'docker/scenarios.ts')
const command = [process.execPath, '--conditions=@broker/source', script]
const debian = skip === false ? `postgres:${imageVersion()}` : ''
const other = skip === false ? `other:${imageVersion()}` : ''
const keys = ['aaaaaaaaaa.1', 'bbbbbbbbbb.1', 'cccccccccc.2'] as const
const containers = (): string[] => docker('ps', '--all', '--format', '{{.Names}}').split('\n').filter(Boolean)

type Seen<Name extends keyof Scenarios> = Awaited<ReturnType<Scenarios[Name]>>

/** A process of alice, who is a normal user in the group docker; it stays for all tests, since each costs a second. */
const actor =
  skip === false ? await startAs('alice', command, { readOnly: false, stdio: ['pipe', 'pipe', 'inherit'] }) : undefined
const replies = actor?.stdout && createInterface(actor.stdout)[Symbol.asyncIterator]()
t.teardown(() => actor?.stdin?.end())

/** What she sees in a scenario. */
async function alice<Name extends keyof Scenarios>(name: Name, ...args: string[]): Promise<Seen<Name>> {
  actor?.stdin?.write(`${JSON.stringify([name, ...args])}\n`)
  const seen = JSON.parse((await replies?.next())?.value ?? '{"thrown":"it ended"}')
  if (seen?.thrown !== undefined) throw new Error(`${name}: ${seen.thrown}`)
  return seen
}

/** The same in a process of its own, which must end by itself. */
async function aliceAlone<Name extends keyof Scenarios>(name: Name, ...args: string[]): Promise<Seen<Name>> {
  const done = await runScriptAs('alice', script, [name, ...args], { readOnly: false, timeout: 60_000 })
  if (done.exitCode !== 0) throw new Error(`${name}: ${done.signal ?? done.exitCode}\n${done.stdout}\n${done.stderr}`)
  return JSON.parse(done.stdout)
}

t.test(
  'a server is made, answers by socket and port, and is ended, whatever the image is made of',
  { skip },
  async s => {
    for (const [index, image] of [debian, other].entries()) {
      const port = 54_320 + index
      const seen = await alice('life', image, keys[index] ?? '', String(port))
      s.match(seen.title, /^docker \S+ \(unix:\/\/\/var\/run\/docker\.sock\)$/)
      s.strictSame(seen.kind, { image, version: imageVersion() })
      s.equal(seen.overSocket, 42, 'the owner needs no password on the socket')
      s.equal(seen.overTcp, 42, 'the port answers on the loopback of the host')
      s.equal(seen.wrong, '28P01', 'not without the password')
      s.match(seen.listed, [{ key: keys[index], state: 'running', port, since: Number }])
      s.equal(seen.listed.length, 1)
      s.strictSame(seen.afterStop, [], 'stopping it removes it, and again does nothing')
      s.match(seen.log, /database system was shut down at/, 'it was not killed')
      s.equal(seen.noPort, 'ECONNREFUSED', 'a server without a port is reached by its socket only')
      s.equal(seen.reads.text, 'of another', 'it reads what it was given of others')
      s.match(seen.reads.written, { code: 'PGD_QUERY_FAILED', message: /[Rr]ead-only file system/ })
    }
    s.strictSame(containers(), [])
    s.equal(docker('volume', 'ls', '--quiet'), '', 'no anonymous volume of the image is left')
  },
)

t.test('a server outlives who started it, has no rights, and keeps to its limits', { skip }, async s => {
  await aliceAlone('leave', debian, keys[0], '54322')
  const name = `pgd.shop.main.${keys[0]}`
  s.strictSame(containers(), [name])
  const [facts] = JSON.parse(docker('inspect', name))
  s.match(facts.HostConfig, { Memory: 300 * 1024 ** 2, MemorySwap: 300 * 1024 ** 2, NanoCpus: 5e8, PidsLimit: 1024 })
  s.match(facts.HostConfig, {
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    RestartPolicy: { Name: 'no' },
    Privileged: false,
  })
  const status = docker('exec', name, 'cat', '/proc/1/status')
  s.match(status, /^CapEff:\t0+$/m, 'it has no capabilities')
  s.match(status, /^NoNewPrivs:\t1$/m)
  s.notMatch(status, /^Uid:\t0\b/m, 'not even process 1 is root')
  s.equal(
    docker(
      'exec',
      name,
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max',
    ),
    String(300 * 1024 ** 2),
  )
  s.match(docker('port', name), /^5432\/tcp -> 127\.0\.0\.1:54322$/, 'the port is published on the loopback alone')

  const reached = (network: string): boolean => {
    const { IPAddress: address } = facts.NetworkSettings.Networks['pgd-servers']
    const program = ['--entrypoint', 'pg_isready', debian, '--timeout=2', `--host=${address}`]
    return spawnSync('/usr/bin/docker', ['run', '--rm', '--network', network, ...program]).status === 0
  }
  s.ok(reached('host'))
  for (const network of ['bridge', 'pgd-servers']) s.notOk(reached(network), `no container of ${network} reaches it`)

  const [before] = await alice('list')
  s.equal(before?.state, 'running')
  await aliceAlone('leave', debian, keys[0], '54322')
  s.strictSame(containers(), [name], 'one that a crash left is replaced')
  s.not(JSON.parse(docker('inspect', name))[0].Id, facts.Id)

  docker('kill', '--signal', 'KILL', name)
  s.match(await alice('list'), [{ key: keys[0], state: 'failed', reason: 'exited with status 137, killed' }])
  await alice('stop', keys[0])
  s.strictSame(containers(), [])
})

t.test('where a volume is not mounted nothing is started, and nothing is made', { skip }, async s => {
  const seen = await alice('missing', debian)
  for (const one of ['absent', 'empty', 'tool'] as const) s.equal(seen[one].code, 'PGD_NOT_MOUNTED', one)
  s.strictSame(seen.made, ['absent', []])
  s.strictSame(seen.list, [])
  s.strictSame(containers(), [])
})

t.test('a container of somebody else is left alone', { skip }, async s => {
  const name = `pgd.shop.main.${keys[0]}`
  const run = ['run', '--detach', '--name', name]
  for (const labels of [[], ['--label', 'pgd.account=0', '--label', `pgd.key=${keys[0]}`]]) {
    const id = docker(...run, ...labels, '--entrypoint', 'sleep', debian, '60')
    const failure = await alice('foreign', debian, keys[0])
    s.equal(failure.code, 'PGD_FOREIGN')
    s.match(failure.message, name)
    s.strictSame(await alice('list'), [], 'nor does it count as a server of this account')
    await alice('stop', keys[0])
    s.equal(docker('inspect', '--format', '{{.State.Running}}', id), 'true')
    docker('rm', '--force', '--volumes', id)
  }
})

t.test('a port that is taken, and a server that ends by itself, are told', { skip }, async s => {
  const taken = await alice('taken', debian, keys[0])
  s.equal(taken.failure.code, 'PGD_PORT_TAKEN')
  s.strictSame(taken.list, [], 'no container is left')
  const { words, list, left } = await alice('ended', debian, keys[0])
  s.match(words, /^exited with status 1\n.*unrecognized configuration parameter "no_such_setting"/s)
  s.match(list, [{ key: keys[0], state: 'failed', reason: 'exited with status 1' }])
  s.strictSame(left, [])
})

t.test('programs run once, as the account, with their streams as they are', { skip }, async s => {
  await aliceAlone('leave', debian, keys[0], '54323')
  for (const image of [debian, other]) {
    const seen = await alice('tools', image, '54323')
    s.match(seen.copied, { exitCode: 0, received: true, stdout: '' }, 'what is much goes through a slow reader whole')
    s.equal(seen.early, 'xxxxx', 'a program need not read its input')
    s.strictSame(seen.apart, { exitCode: 3, stdout: 'one\n', stderr: 'two\n' })
    s.equal(seen.long, 1024 * 1024, 'a result has no more than 1 MiB')
    s.equal(
      seen.whoami,
      docker('inspect', '--format', '{{.Config.User}}', `pgd.shop.main.${keys[0]}`).replace(/:.*/, '\n'),
    )
    s.equal(seen.env, 'x y /tmp\n')
    s.not(seen.written, 0, 'nothing of the image can be changed')
    s.equal(seen.noProgram.code, 'PGD_PROGRAM_FAILED')
    s.match(seen.noProgram.message, 'no-such-program')
    s.equal(seen.noImage.code, 'PGD_IMAGE_UNAVAILABLE')
    s.match(seen.brokenOutput, { code: 'PGD_PROGRAM_FAILED', message: /the disk is gone/ })
    for (const one of seen.brokenInput) s.match(one, { code: 'PGD_PROGRAM_FAILED', message: /the source is gone/ })
    s.equal(seen.cancelled.code, 'PGD_CANCELLED')
    s.equal(seen.network, 0, 'with the network it reaches servers of the host')
    s.equal(seen.noNetwork, 2, 'without it reaches none')
  }
  s.strictSame(containers(), [`pgd.shop.main.${keys[0]}`], 'each container is gone, also of what failed')
  await alice('stop', keys[0])
})

t.test('an image is known by its tag, and says its version itself', { skip }, async s => {
  const seen = await alice('resolve', other)
  s.strictSame(seen.byVersion, { image: debian, version: imageVersion() })
  s.strictSame(seen.silent, { image: other, version: imageVersion() })
  s.equal(seen.untagged.code, 'PGD_INPUT_INVALID')
  s.equal(seen.other.code, 'PGD_IMAGE_UNAVAILABLE')
  s.match(seen.absent, { code: 'PGD_IMAGE_UNAVAILABLE', message: /cannot be fetched/ })
})

t.test('who may not use the engine, and root, are told why', { skip }, async s => {
  const options = { readOnly: false }
  const mallory = JSON.parse((await runScriptAs('mallory', script, ['open'], options)).stdout)
  s.match(mallory, { code: 'PGD_RUNTIME_UNAVAILABLE', message: /docker\.sock may not be used by this account/ })
  const root = JSON.parse((await runScriptAs('root', script, ['open'], options)).stdout)
  s.equal(root.code, 'PGD_REFUSED')
})

t.test('an engine that is killed half-way is told as that', { skip }, async s => {
  const child = await startAs('alice', [...command, 'lost', debian, keys[0]], { readOnly: false })
  let output = ''
  child.stdout?.on('data', chunk => {
    output += chunk
  })
  if (child.stderr === null) throw new Error('no pipe')
  const lines = createInterface(child.stderr)
  lines.on('line', line => (line === 'ready' ? killEngine() : s.comment(line)))
  await new Promise(resolve => child.once('close', resolve))
  const seen = JSON.parse(output)
  s.equal(seen.tool.code, 'PGD_RUNTIME_UNAVAILABLE')
  s.equal(seen.list.code, 'PGD_RUNTIME_UNAVAILABLE')
  s.match(seen.ended, /broke the connection off/, 'who waits for a server is told too')

  prepareHost({ docker: true })
  await alice('stop', keys[0])
  s.strictSame(await alice('list'), [], 'the next engine knows what was left')
  s.ok(existsSync(`/home/alice/volumes/${keys[0]}/data/PG_VERSION`))
})
