import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { hbaText, identText } from '../../../src/postgres/hba.ts'
import { initdbArgv } from '../../../src/postgres/initdb.ts'
import { untilReady } from '../../../src/postgres/ready.ts'
import { serverSettings } from '../../../src/postgres/settings.ts'
import { findPrograms } from '../../../src/runtime/process/programs.ts'
import { openProcessRuntime } from '../../../src/runtime/process/runtime.ts'
import { layoutBelow } from '../../../src/serve/layout.ts'
import { openAuthority } from '../../../src/tls/authority.ts'
import { ensureServerCertificate } from '../../../src/tls/server.ts'
import { asOrdinary } from '../../postgres/account.ts'

const skip = (await findPrograms()).length > 0 ? false : 'needs the programs of PostgreSQL: apt-get install postgresql'

if (process.getuid?.() === 0) {
  t.test('root is told that PostgreSQL refuses it', t =>
    t.rejects(openProcessRuntime(), { code: 'PGD_RUNTIME_UNAVAILABLE', message: /does not run as root/ }),
  )
}

t.test('where there are no programs, that is said', { skip: process.getuid?.() === 0 && 'as an ordinary account' }, t =>
  t.rejects(openProcessRuntime({ PGD_POSTGRES: '/nowhere' }), { code: 'PGD_RUNTIME_UNAVAILABLE' }),
)

if (skip !== false) t.test('servers', { skip }, async () => {})
else {
  await asOrdinary(t, import.meta.filename, directory => {
    const portOf = (): Promise<number> =>
      new Promise(resolve => {
        const server = createServer().listen(0, '127.0.0.1', () => {
          const { port } = server.address() as { port: number }
          server.close(() => resolve(port))
        })
      })

    /** An empty cluster with all that a server of a branch has; made once, since initdb takes long, and copied. */
    let template: Promise<string> | undefined
    const volumeOf = async (name: string): Promise<string> => {
      template ??= (async () => {
        const volume = join(directory, 'template')
        const layout = layoutBelow(volume)
        for (const place of [volume, layout.data, layout.run, layout.wal]) mkdirSync(place, { mode: 0o700 })
        const runtime = await openProcessRuntime()
        const kind = await runtime.resolve({})
        await runtime.run({ argv: [...initdbArgv(layout, kind.version), '--no-sync', '--wal-segsize=1'], kind, volume })
        writeFileSync(layout.hba, hbaText)
        writeFileSync(layout.ident, identText(runtime.account))
        await ensureServerCertificate(layout.tls, await openAuthority(join(directory, 'authority')))
        return volume
      })()
      const volume = join(directory, name)
      // With all modes, which PostgreSQL looks at.
      execFileSync('cp', ['-a', await template, volume])
      return volume
    }

    const made = async (t: Test, name: string, options: { port?: number } = {}) => {
      const runtime = await openProcessRuntime()
      const volume = await volumeOf(name)
      const kind = await runtime.resolve({})
      const key = `${name.slice(0, 20)}.1`
      const { port } = options
      const prepared = await runtime.prepare({
        key,
        project: 'p',
        branch: name,
        kind,
        volume,
        reads: [],
        ...options,
        settings: {
          ...serverSettings({
            layout: runtime.layoutOf(volume),
            version: kind.version,
            runtime: 'process',
            ...(port === undefined ? {} : { port }),
          }),
          fsync: 'off',
        },
      })
      t.teardown(() => prepared.discard())
      const ready = () => untilReady({ run: layoutBelow(volume).run, ended: prepared.ended })
      const state = async () => (await runtime.list()).find(one => one.key === key)
      return { runtime, volume, key, kind, prepared, ready, state }
    }
    const pidOf = (volume: string): number =>
      Number(readFileSync(join(volume, 'data/postmaster.pid'), 'utf8').split('\n')[0])

    t.test('a server starts, answers, is listed, stops in good order, and is forgotten', async t => {
      const port = await portOf()
      const { runtime, volume, key, prepared, ready, state } = await made(t, 'usual', { port })
      t.equal(await state(), undefined)
      await prepared.start()
      const session = await ready()
      t.equal(await session.value('SELECT 1 AS one'), 1)
      t.equal(await session.value('SHOW listen_addresses'), '127.0.0.1')
      t.match(await state(), { state: 'running', port })
      t.equal((await openProcessRuntime().then(other => other.list())).length, 1, 'by another process too')
      await session.end()
      await runtime.stop({ key }, 30)
      t.equal(await state(), undefined)
      t.match(readFileSync(join(volume, 'server.log'), 'utf8'), /database system is shut down\n$/)
    })

    t.test('a server that is killed has failed, with all its processes gone once it is stopped', async t => {
      const { runtime, volume, key, prepared, ready, state } = await made(t, 'killed')
      await prepared.start()
      await (await ready()).end()
      process.kill(pidOf(volume), 'SIGKILL')
      // A server keeps nobody from going: who only waits that it ends must have something else to do.
      const waits = setInterval(() => {}, 1000)
      t.teardown(() => clearInterval(waits))
      t.match(await prepared.ended, /ready to accept connections/, 'its last words')
      t.match(await state(), { state: 'failed' })
      renameSync(volume, `${volume}.away`)
      t.match(await state(), { state: 'stopped', reason: 'its data are not there' })
      await runtime.stop({ key }, 1)
      t.equal(await state(), undefined)
    })

    t.test('who waits for a server that cannot start is told why, at once', async t => {
      const { runtime, key, volume, prepared, ready, state } = await made(t, 'broken')
      appendFileSync(join(volume, 'data/postgresql.conf'), 'max_connections = many\n')
      await prepared.start()
      await t.rejects(ready(), {
        code: 'PGD_SERVER_FAILED',
        message: /FATAL: {2}configuration file .* contains errors/,
      })
      t.match(await state(), { state: 'failed', reason: /^FATAL/ })
      t.match(await runtime.log({ key }, 2), /invalid value for parameter "max_connections"/)
    })

    t.test('a number of a process that a copy brought along keeps no server from starting', async t => {
      const { volume, prepared, ready, state } = await made(t, 'copied')
      const other = spawn('sleep', ['60'])
      t.teardown(() => other.kill())
      writeFileSync(join(volume, 'data/postmaster.pid'), `${other.pid}\n/elsewhere\n1\n5432\n\n\n\nready\n`)
      writeFileSync(join(volume, 'run/.s.PGSQL.9999'), '')
      t.equal(await state(), undefined)
      await prepared.start()
      await (await ready()).end()
      t.not(pidOf(volume), other.pid)
      t.equal(other.exitCode ?? other.signalCode, null, 'and that process is let alone')
    })

    t.test('a server whose starter forgot it is ended before another one starts', async t => {
      const { runtime, volume, key, kind, prepared, ready, state } = await made(t, 'forgotten')
      await prepared.start()
      await (await ready()).end()
      const first = pidOf(volume)
      const settings = serverSettings({ layout: layoutBelow(volume), version: kind.version, runtime: 'process' })
      const spec = { key, project: 'p', branch: 'b', kind, volume, reads: [], settings }
      const again = await runtime.prepare(spec)
      await again.start()
      await (await untilReady({ run: layoutBelow(volume).run, ended: again.ended })).end()
      t.not(pidOf(volume), first)
      t.throws(() => process.kill(first, 0), { code: 'ESRCH' })
      await (await runtime.prepare(spec)).discard()
      t.match(await state(), { state: 'running' }, 'who takes back what was not started ends nobody')
      await again.discard()
      t.equal(await state(), undefined)
    })

    t.test('a path that is too long for a socket is none for a volume', async t => {
      const { prepared, ready } = await made(t, 'x'.repeat(120))
      await prepared.start()
      const session = await ready()
      t.equal(await session.value('SELECT 2 AS two'), 2)
      await session.end()
    })

    t.test('a port that something listens on is taken, and nothing is started', async t => {
      const port = await portOf()
      const { prepared, state } = await made(t, 'port', { port })
      const other = createServer().listen(port, '127.0.0.1')
      await new Promise(resolve => other.once('listening', resolve))
      await t.rejects(prepared.start(), { code: 'PGD_PORT_TAKEN' })
      await new Promise(resolve => other.close(resolve))
      t.equal(await state(), undefined)
    })

    t.test('where there are no data none are made', async t => {
      const runtime = await openProcessRuntime()
      const kind = await runtime.resolve({})
      const volume = join(directory, 'nothing')
      const spec = { key: 'nothing.1', project: 'p', branch: 'b', kind, volume, reads: [], settings: {} }
      await t.rejects((await runtime.prepare(spec)).start(), { code: 'PGD_NOT_MOUNTED' })
      await t.rejects(runtime.prepare({ ...spec, memory: 1 }), { code: 'PGD_INPUT_INVALID', field: 'memory' })
      await t.rejects(runtime.resolve({ version: 3 }), { code: 'PGD_IMAGE_UNAVAILABLE', hint: /PostgreSQL \d+/ })
      await t.rejects(runtime.resolve({ image: 'postgres' }), { code: 'PGD_INPUT_INVALID', field: 'image' })
    })

    t.test('a program of PostgreSQL is run with streams, and can be interrupted', async t => {
      const runtime = await openProcessRuntime()
      const kind = await runtime.resolve({})
      const to = new PassThrough()
      const shown = to.setEncoding('utf8').toArray()
      t.match(await runtime.run({ argv: ['postgres', '--version'], kind, stdout: to }), { exitCode: 0, stdout: '' })
      t.match((await shown).join(''), /^postgres \(PostgreSQL\)/)
      t.match(await runtime.run({ argv: ['initdb', '--nonsense'], kind }), {
        exitCode: 1,
        stderr: /unrecognized option/,
      })
      await t.rejects(runtime.run({ argv: ['nonsense'], kind }), { code: 'PGD_IMAGE_UNAVAILABLE' })
      const signal = AbortSignal.timeout(50)
      const argv: [string, string] = ['initdb', `--pgdata=${join(directory, 'slow')}`]
      await t.rejects(runtime.run({ argv, kind, signal }), { code: 'PGD_TIMED_OUT' })
    })

    t.test('nothing of the environment comes to a server but what it needs', async t => {
      process.env.PGD_TEST_SECRET = 'secret'
      t.teardown(() => delete process.env.PGD_TEST_SECRET)
      const { volume, prepared, ready } = await made(t, 'environment')
      await prepared.start()
      await (await ready()).end()
      const text = execFileSync('cat', [`/proc/${pidOf(volume)}/environ`], { encoding: 'utf8' })
      t.notMatch(text, 'secret')
      t.match(text, 'LC_ALL=C')
    })
  })
}
