import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { runWith } from '../../src/cli/child.ts'

const connection = {
  ...{ host: '127.0.0.1', port: 7001, user: 'postgres', database: 'shop', password: 'Secret9word' },
  ...{ sslRootCert: '/ca.crt', url: 'postgresql://postgres:Secret9word@127.0.0.1:7001/shop' },
}
const place = mkdtempSync(join(tmpdir(), 'pgd-child-'))
t.teardown(() => rmSync(place, { recursive: true, force: true }))

const module = new URL('../../src/cli/child.ts', import.meta.url).href
const interrupt = new URL('../../src/cli/interrupt.ts', import.meta.url).href

/** A process that does as `pgd run` does, with a directory of its own for temporary files; exits as the program did. */
const script = `
  import { runWith } from ${JSON.stringify(module)}
  import { interruptible } from ${JSON.stringify(interrupt)}
  const { stop } = interruptible()
  process.exitCode = await runWith(${JSON.stringify(connection)}, process.argv.slice(1))
  stop()
  process.stdout.write(JSON.stringify({ url: process.env.DATABASE_URL ?? 'none' }))
`
const args = (...words: string[]): string[] => ['--input-type=module', '-e', script, '--', ...words]
const env = { ...process.env, TMPDIR: place }

t.test('the program has the branch in its environment, and the password in no argument', async s => {
  const ask = 'printf "%s\\n" "$DATABASE_URL" "$PGHOST" "$PGPORT" "$PGUSER" "$PGDATABASE" "$PGSSLMODE" "$PGSSLROOTCERT"'
  const file = 'stat -c %a "$PGPASSFILE"; cat "$PGPASSFILE"; echo "$PGPASSWORD"; echo "$PGPASSFILE"'
  const { stdout } = await promisify(execFile)(process.execPath, args('sh', '-c', `${ask}; ${file}`), { env })
  const lines = stdout.split('\n')
  s.strictSame(lines.slice(0, 10), [
    ...[connection.url, '127.0.0.1', '7001', 'postgres', 'shop', 'verify-full', '/ca.crt'],
    ...['600', '127.0.0.1:7001:*:postgres:Secret9word', ''],
  ])
  const [passFile = '', own = ''] = lines.slice(10)
  s.ok(passFile.startsWith(place))
  s.notOk(existsSync(passFile), 'the file with the password is gone afterwards')
  s.strictSame(readdirSync(place), [])
  s.strictSame(JSON.parse(own), { url: 'none' }, 'this process has no password in its environment')
})

t.test('the exit status of the program is given, and 128 and more for a signal', async s => {
  s.equal(await runWith(connection, ['sh', '-c', 'exit 0']), 0)
  s.equal(await runWith(connection, ['sh', '-c', 'exit 7']), 7)
  s.equal(await runWith(connection, ['sh', '-c', 'kill -KILL $$']), 137)
})

t.test('a program that is not there is a failure that names it', async s => {
  await s.rejects(runWith(connection, ['/no/such/program']), {
    code: 'PGD_PROGRAM_FAILED',
    program: '/no/such/program',
  })
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const before = names.map(name => process.listenerCount(name))
  await runWith(connection, ['true'])
  s.strictSame(
    names.map(name => process.listenerCount(name)),
    before,
    'signals are as before',
  )
})

t.test('interrupts, however many, are for the program alone; what asks to end is passed on', async s => {
  const waits = "trap '' INT; trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"
  const child = spawn(process.execPath, args('sh', '-c', waits), { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  // Signals of one number that have not been seen yet count as one: each is given time.
  for (const _ of [1, 2, 3]) {
    child.kill('SIGINT')
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  s.equal(child.exitCode, null, 'it stays until the program has ended')
  child.kill('SIGTERM')
  s.strictSame(await exited, [9, null])
  s.strictSame(readdirSync(place), [])
})
