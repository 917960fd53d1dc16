import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AppstoreError } from '../../src/errors/error.ts'
import type { GuestDoor } from '../../src/provision/door.ts'
import type { ProvisionEvent } from '../../src/provision/events.ts'
import { type Provisioned, type ProvisionOptions, provision } from '../../src/provision/provision.ts'
import { appWith, event, folderOf, localGuest, noLocalGuest, pretendedGuest, scriptOf } from './support.ts'

const canary = 'canary-5d1e-secret'
const done = event({ kind: 'done', ok: true, exit: 0 })

/** Runs an action and gives what came of it, events included. */
async function attempt(
  options: Omit<ProvisionOptions, 'onEvent'>,
): Promise<Partial<Provisioned> & { events: ProvisionEvent[]; error?: AppstoreError }> {
  const events: ProvisionEvent[] = []
  try {
    return { events, ...(await provision({ ...options, onEvent: each => events.push(each) })) }
  } catch (error) {
    return { events, error: error as AppstoreError }
  }
}

t.test('an app is installed on a bare guest, and its archive is pushed once', { skip: noLocalGuest }, async t => {
  const folder = folderOf(t)
  const body = [
    '  def install(self):',
    "    self.log.warn('careful')",
    "    self.write_config('/opt/notes/conf', 'port $port for $owner', port=self.inputs.integer('port'), owner=os.environ['OWNER'])",
    "    self.log.output('url', 'http://{{ip}}/')",
    "    self.log.output('login', 'admin ' + self.inputs.string('password'))",
    '  def configure(self):',
    "    self.log.info('again')",
  ].join('\n')
  const app = appWith(join(folder, 'app'), scriptOf(body), { secrets: ['password'], env: { OWNER: '{{name}}' } })
  const guest = localGuest(folder)
  const permissions = { ...app.permissions, paths: ['/opt/notes'] }
  const inputs = { port: 8080, name: 'Ada', password: canary }
  const first = await attempt({ guest, app: { ...app, permissions }, inputs, action: 'install' })
  t.equal(first.error, undefined)
  t.same(
    [...(first.outputs ?? [])],
    [
      ['url', { value: 'http://{{ip}}/', secret: false }],
      ['login', { value: `admin ${canary}`, secret: true }],
    ],
  )
  t.same(first.warnings, ['careful'])
  t.equal(readFileSync(join(folder, 'opt/notes/conf'), 'utf8'), 'port 8080 for Ada')
  const second = await attempt({ guest, app: { ...app, permissions }, inputs, action: 'configure' })
  t.match(second.events[0], { kind: 'log', text: 'again' })
  t.equal(guest.calls.filter(call => call.startsWith('push')).length, 1)
  t.notMatch(guest.calls.join('\n'), canary, 'no secret is in an argument')
  t.notMatch(JSON.stringify(first.events.filter(each => each.kind !== 'output')), canary)
})

t.test('another version of an app takes the place of the first', { skip: noLocalGuest }, async t => {
  const folder = folderOf(t)
  const guest = localGuest(folder)
  for (const text of ['one', 'two']) {
    const app = appWith(join(folder, 'app'), scriptOf(`  def install(self):\n    self.log.info('${text}')`))
    t.match(await attempt({ guest, app, inputs: {}, action: 'install' }), { events: [{ text }, { kind: 'done' }] })
  }
  t.equal(readdirSync(join(folder, 'opt/appstore/run/notes')).length, 1)
})

t.test('what goes wrong in a script is told by its own error', { skip: noLocalGuest }, async t => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["self.pkg_install('evil')", 'APPSTORE_PERMISSION_UNDECLARED', /package 'evil' is not declared/],
    [
      "raise RuntimeError('odd ' + self.inputs.string('password'))",
      'APPSTORE_PROVISION_FAILED',
      /failed: "odd \*\*\*"$/,
    ],
    ['os.kill(os.getpid(), 9)', 'APPSTORE_PROVISION_FAILED', /./],
    ['import time; time.sleep(30)', 'APPSTORE_TIMED_OUT', /time limit of 1 s/],
    ["self.inputs.integer('password')", 'APPSTORE_PROVISION_FAILED', /password is not a whole number/],
  ]
  const folder = folderOf(t)
  const guest = localGuest(folder)
  for (const [line, code, message] of cases) {
    const files = scriptOf(`  def install(self):\n    ${line}`)
    const app = appWith(join(folder, 'app'), files, { secrets: ['password'], timeout: code.includes('TIMED') ? 1 : 60 })
    const { error } = await attempt({ guest, app, inputs: { password: canary }, action: 'install' })
    t.match(error, { code, message }, line)
    t.notMatch(`${error?.message}${error?.stderr}`, canary)
  }
  const app = appWith(join(folder, 'app'), scriptOf('  def install(self): pass\n  def healthcheck(self): return False'))
  t.match(await attempt({ guest, app, inputs: {}, action: 'healthcheck' }), {
    error: { code: 'APPSTORE_HEALTH_FAILED' },
  })
})

t.test('only a run that ended with 0 and said so has succeeded', async t => {
  const app = appWith(folderOf(t), scriptOf('  pass'))
  const failed = { error: { code: 'APPSTORE_PROVISION_FAILED' } }
  const error = event({ kind: 'error', code: 'script', message: 'no' })
  const cases: readonly (readonly [readonly string[], number, boolean])[] = [
    [[done], 0, true],
    [[], 0, false],
    [['@appstore {"kind":"done"'], 0, false],
    [[done], 1, false],
    [[event({ kind: 'done', ok: false, exit: 1 })], 0, false],
    [[error, done], 0, false],
    [[error], 1, false],
  ]
  for (const [lines, exitCode, isDone] of cases) {
    const found = await attempt({ guest: pretendedGuest(lines, exitCode), app, inputs: {}, action: 'install' })
    if (isDone) t.equal(found.error, undefined)
    else t.match(found, failed, `${lines.join(' ')} ${exitCode}`)
  }
})

t.test('a guest that lies about what is secret, says too much, or goes on is kept within bounds', async t => {
  const app = appWith(folderOf(t), scriptOf('  pass'), { secrets: ['password'] })
  const inputs = { password: canary }
  const lines = [
    event({ kind: 'output', key: 'x', value: `my ${canary}`, secret: false }),
    canary,
    done,
    'after the end',
  ]
  const found = await attempt({ guest: pretendedGuest(lines), app, inputs, action: 'install' })
  t.equal(found.outputs?.get('x')?.secret, true)
  t.same(
    found.events.map(each => (each.kind === 'log' ? each.text : each.kind)),
    ['output', '***', 'done'],
  )
  const flood = Array.from({ length: 70 }, () => 'x'.repeat(1_000_000))
  t.match(await attempt({ guest: pretendedGuest(flood), app, inputs, action: 'install' }), {
    error: { code: 'APPSTORE_PROVISION_FAILED', message: /more than is read/ },
  })
})

t.test('what fails in the caller ends the run, wherever the door calls back from', async t => {
  const app = appWith(folderOf(t), scriptOf('  pass'))
  let aborted = 0
  const guest: GuestDoor = {
    ...pretendedGuest([]),
    exec: async (argv, { signal, onStdout } = {}) => {
      if (argv[0] !== 'python3') return { exitCode: 0, stdout: 'appstore: present\n', stderr: '' }
      setImmediate(() => onStdout?.(Buffer.from(`${done}\n`)))
      await once(signal as AbortSignal, 'abort')
      aborted += 1
      return { exitCode: 137, stdout: '', stderr: '' }
    },
  }
  const onEvent = (): void => {
    throw new Error('the disk is full')
  }
  await t.rejects(provision({ guest, app, inputs: {}, action: 'install', onEvent }), { message: 'the disk is full' })
  t.equal(aborted, 1)
})

t.test('a guest that cannot be prepared is told why', async t => {
  const app = appWith(folderOf(t), scriptOf('  pass'))
  const answers = [
    ['appstore: no-packages\n', 0, /neither Python nor a package manager/],
    ['appstore: old-python\n', 0, /older than 3.9/],
    ['appstore: whatever\n', 0, /no answer/],
    ['', 100, /Unable to fetch/],
  ] as const
  for (const [stdout, exitCode, message] of answers) {
    const guest = {
      ...pretendedGuest([]),
      exec: async () => ({ exitCode, stdout, stderr: exitCode ? 'E: Unable to fetch\n' : '' }),
    }
    const { error } = await attempt({ guest, app, inputs: {}, action: 'install' })
    t.match(error, { code: 'APPSTORE_PROVISION_FAILED', message })
  }
})

t.test('a cancel ends the run, with the reason that was given', { skip: noLocalGuest }, async t => {
  const folder = folderOf(t)
  const body = "  def install(self):\n    self.log.info('here')\n    import time; time.sleep(60)"
  const app = appWith(join(folder, 'app'), scriptOf(body))
  for (const reason of [undefined, new AppstoreError('APPSTORE_TIMED_OUT', 'too late')]) {
    const controller = new AbortController()
    const { signal } = controller
    const run = provision({
      guest: localGuest(folderOf(t)),
      app,
      inputs: {},
      action: 'install',
      signal,
      onEvent: () => controller.abort(reason),
    })
    await t.rejects(run, { code: reason?.code ?? 'APPSTORE_CANCELLED' })
  }
})

t.test('inputs that are too large are refused here', async t => {
  const app = appWith(folderOf(t), scriptOf('  pass'))
  const { error } = await attempt({
    guest: pretendedGuest([done]),
    app,
    inputs: { a: 'x'.repeat(5_000_000) },
    action: 'install',
  })
  t.match(error, { code: 'APPSTORE_INPUT_INVALID' })
})

t.test('a password that the app made earlier is hidden in what a later run says', { skip: noLocalGuest }, async t => {
  const folder = folderOf(t)
  const app = appWith(join(folder, 'app'), scriptOf("  def configure(self):\n    print('it is made-earlier-1')"))
  const texts: string[] = []
  await provision({
    guest: localGuest(folderOf(t)),
    ...{ app, inputs: {}, action: 'configure', secrets: ['made-earlier-1'] },
    onEvent: event => void (event.kind === 'log' && texts.push(event.text)),
  })
  t.ok(texts.includes('it is ***'), texts.join(', '))
})
