import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Person } from './support/cli.ts'
import { fails } from './support/fault.ts'
import { freePort } from './support/sources.ts'
import { files, processes } from './support/traces.ts'

// What can be wrong with a machine, as an account without rights meets it: a clear error, and nothing left.
const there = existsSync('/usr/lib/postgresql') || 'there is no PostgreSQL of Debian here'
t.setTimeout(800_000)

async function listening(port: number | string): Promise<Server> {
  const server = createServer()
  if (typeof port === 'string') server.listen(port)
  else server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

if (there !== true) t.pass('nothing to do', { skip: there })
else {
  const person = new Person()
  t.teardown(() => person.leave())
  const traces = (): string[] => [...files(person), ...processes(person)]
  const must = async (...args: string[]) => {
    const end = await person.pgd(...args)
    if (end.exit !== 0) throw new Error(end.stderr)
    return end.json
  }
  await must('project', 'create', 'shop')
  await person.sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
  await must('repair')
  const before = traces()
  const untouched = async (s: Test): Promise<void> => {
    await must('repair')
    s.strictSame(traces(), before, 'nothing is left')
  }

  await t.test(
    'a port that something listens on is refused, and another one is chosen where none was asked for',
    async s => {
      const wished = await freePort()
      const other = await listening(wished)
      const taken = { code: 'PGD_PORT_TAKEN', exit: 73, field: 'port', message: new RegExp(String(wished)) }
      await fails(s, person, taken, 'branch', 'create', 'shop/dev', '--port', String(wished))
      await untouched(s)
      const { port } = (await must('branch', 'create', 'shop/dev')).branch
      await must('branch', 'delete', 'shop/dev')
      const usual = await listening(port)
      s.not((await must('branch', 'create', 'shop/dev')).branch.port, port)
      await must('branch', 'delete', 'shop/dev')
      usual.close()
      other.close()
      await untouched(s)
    },
  )

  await t.test('the port of a branch that was stopped may be taken meanwhile, and another one is given', async s => {
    const { port } = (await must('branch', 'stop', 'shop/main')).branch
    const other = await listening(port)
    const taken = { code: 'PGD_PORT_TAKEN', exit: 73, field: 'port', message: new RegExp(String(port)) }
    await fails(s, person, taken, 'branch', 'start', 'shop/main')
    s.match((await must('branch', 'get', 'shop/main')).branch, { port, state: 'stopped' })
    s.equal((await must('branch', 'restart', 'shop/main', '--port', String(await freePort()))).branch.state, 'running')
    s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1000')
    other.close()
    await untouched(s)
  })

  await t.test('an engine that is not there, does not listen, or is not for this account, is told apart', async s => {
    const place = join(person.home, 'sources')
    mkdirSync(place)
    const [stale, forbidden] = [join(place, 'stale.sock'), join(place, 'forbidden.sock')]
    const child = spawn(process.execPath, ['-e', `require('net').createServer().listen('${stale}')`], { env: {} })
    while (!existsSync(stale)) await delay(10)
    chmodSync(stale, 0o666)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const engine = await listening(forbidden)
    chownSync(forbidden, 0, 0)
    chmodSync(forbidden, 0o600)
    const cases = [
      ['/nowhere/docker.sock', /\/nowhere\/docker\.sock.* is not there/],
      [stale, /does not listen/],
      ...(process.getuid?.() === 0 ? ([[forbidden, /may not be used by this account/]] as const) : []),
    ] as const
    for (const [socket, message] of cases) {
      const here = person.with({ DOCKER_HOST: `unix://${socket}`, PGD_RUNTIME: 'docker' })
      const wanted = { code: 'PGD_RUNTIME_UNAVAILABLE', exit: 69, message }
      await fails(s, here, wanted, 'project', 'create', 'new')
      await fails(s, here, wanted, 'import', 'new', '--from-dump', '/dev/null')
    }
    engine.close()
    const far = person.with({ DOCKER_HOST: 'tcp://127.0.0.1:2375' })
    await fails(
      s,
      far,
      { code: 'PGD_RUNTIME_UNAVAILABLE', exit: 69 },
      'project',
      'create',
      'new',
      '--runtime',
      'docker',
    )
    await untouched(s)
  })

  await t.test('a time that has not come, or that another clock told, is refused', async s => {
    const { snapshot } = await must('snapshot', 'create', 'shop/main')
    const late = new Date(Date.now() + 3_600_000).toISOString()
    const input = { code: 'PGD_INPUT_INVALID', exit: 65, field: 'at', message: /in the future/ }
    await fails(s, person, input, 'branch', 'create', 'shop/past', '--at', late)
    const clock = join(import.meta.dirname, 'support/shifted-clock.mjs')
    for (const [shift, words] of [
      [3_600_000, /behind/],
      [-3_600_000, /ahead/],
    ] as const) {
      const options = `${person.env.NODE_OPTIONS} --import=${clock}`
      const wrong = person.with({ NODE_OPTIONS: options, CLOCK_SHIFT: String(shift) })
      const { findings } = (await wrong.pgd('doctor')).json
      const clocks = findings.filter(
        ({ check, level }: { check: string; level: string }) => check === 'clock' && level === 'problem',
      )
      s.ok(
        clocks.some(
          ({ message }: { message: string }) =>
            /The clock of the server of shop\/main/.test(message) && words.test(message),
        ),
        JSON.stringify(clocks),
      )
      const at = new Date(Date.now() + Math.min(shift, 0)).toISOString()
      await fails(
        s,
        wrong,
        { code: 'PGD_NOT_COVERED', exit: 78, field: 'at' },
        'branch',
        'create',
        'shop/past',
        '--at',
        at,
      )
    }
    await must('snapshot', 'delete', snapshot.id)
    await untouched(s)
  })

  await t.test('data that are not there are never made anew', async s => {
    const volume = join(person.home, 'store/shop/main/volume')
    await must('branch', 'stop', 'shop/main')
    for (const isEmpty of [false, true]) {
      renameSync(volume, `${volume}.away`)
      if (isEmpty) {
        mkdirSync(volume, { mode: 0o700 })
        if (process.getuid?.() === 0) chownSync(volume, person.uid, person.uid)
      }
      await fails(
        s,
        person,
        { code: 'PGD_NOT_MOUNTED', exit: 78, message: /shop\/main/ },
        'branch',
        'start',
        'shop/main',
      )
      s.notOk(existsSync(join(volume, 'data/PG_VERSION')))
      await fails(s, person, { code: 'PGD_NOT_MOUNTED', exit: 78 }, 'url', 'shop/main')
      await fails(s, person, { code: 'PGD_NOT_MOUNTED', exit: 78 }, 'snapshot', 'create', 'shop/main')
      await fails(s, person, { code: 'PGD_NOT_MOUNTED', exit: 78 }, 'branch', 'create', 'shop/dev')
      if (isEmpty) rmSync(volume, { recursive: true })
      renameSync(`${volume}.away`, volume)
    }
    await must('branch', 'start', 'shop/main')
    s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1000')
    await untouched(s)
  })

  await t.test('a path that is too long for a socket is none for a database', async s => {
    const long = join(person.home, 'tmp', 'x'.repeat(120))
    const here = person.with({ PGD_STORE: `directory:${long}` })
    s.equal((await here.pgd('project', 'create', 'far')).exit, 0)
    s.equal(await here.sql('far/main', 'SELECT 1'), '1')
    s.equal((await here.pgd('branch', 'create', 'far/dev')).exit, 0)
    s.equal((await here.pgd('project', 'delete', 'far')).exit, 0)
    await here.run('rm', '-r', long)
    await untouched(s)
  })

  await t.test('a home that cannot be written is told', { skip: process.getuid?.() !== 0 && 'needs root' }, async s => {
    const home = join(person.home, 'sources')
    const here = person.with({ HOME: home, PGD_STORE: 'directory:/no-such-place/store' })
    mkdirSync(home, { recursive: true })
    chownSync(home, 0, 0)
    const { exit, json } = await here.pgd('project', 'create', 'new')
    s.ok([69, 77].includes(exit ?? 0), `${exit}`)
    s.match(json.error, { code: /^PGD_/, message: /\w/, hint: /\w/ })
    writeFileSync(join(home, 'file'), '')
    for (const name of ['XDG_STATE_HOME', 'XDG_DATA_HOME']) {
      for (const place of [join(home, 'file'), '/no-such-place']) {
        const other = person.with({ [name]: place })
        s.match(
          (await other.pgd('project', 'create', 'new')).json.error,
          { code: /^PGD_/, hint: /\w/ },
          `${name}=${place}`,
        )
      }
    }
    await untouched(s)
  })
}

t.test(
  'an account without a name is told so, in place of PostgreSQL’s own riddle',
  { skip: process.getuid?.() !== 0 ? 'needs root' : there !== true && there },
  async s => {
    const person = new Person({ uid: 54_321 })
    s.teardown(() => person.leave())
    const wanted = { code: 'PGD_RUNTIME_UNAVAILABLE', exit: 69, message: /account 54321 has no name/ }
    await fails(s, person, wanted, 'project', 'create', 'shop')
    const { json } = await person.pgd('doctor')
    s.ok(json.findings.some(({ message }: { message: string }) => /has no name/.test(message)))
    s.strictSame(
      files(person).filter(path => path.startsWith('file store/shop')),
      [],
    )
    await fails(
      s,
      person.with({ HOME: '' }),
      { code: 'PGD_NOT_SET_UP', exit: 78, message: /no home/ },
      'project',
      'list',
    )
  },
)
