import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { hostMissing } from '../host/run.ts'
import { unprivileged } from '../support/unprivileged.ts'
import type { Step } from './step.ts'

const main = join(import.meta.dirname, 'main.ts')
const skip = hostMissing() ?? false

/** Runs the demo in a plain environment: tap's own makes every Node below it write into the repository. */
function demo(args: readonly string[], { as = [] }: { as?: readonly string[] } = {}) {
  const plain = ['-i', `PATH=${process.env.PATH}`, 'HOME=/nonexistent']
  const run = spawnSync('env', [...plain, ...as, process.execPath, main, ...args], { encoding: 'utf8' })
  const objects = args.includes('--json')
    ? run.stdout
        .trimEnd()
        .split('\n')
        .map(line => parse(line))
    : []
  return { ...run, steps: objects.filter(isStep), end: objects.at(-1) }
}

type Numbered = Step & { readonly step: number }
const parse = (line: string): object => JSON.parse(line)
const isStep = (object: object): object is Numbered => 'title' in object
const isDatabase = ({ part }: Step): boolean => /branches a database/.test(part)
const isStore = ({ part }: Step): boolean => part.startsWith('the app store')
const isAttack = ({ part }: Step): boolean => part.startsWith('Attacks around the library')

/** An app of the catalog was installed, and both its page and that of the store answered. */
function storeIsWhole(s: Test, steps: readonly Step[]): void {
  const store = steps.filter(isStore)
  s.strictSame(
    store.flatMap(({ argv }) => (argv?.[0] === 'appstore' ? argv[1] : [])),
    [...['serve', 'catalog', 'install', 'install', 'show', 'adopt']],
  )
  const said = store.flatMap(({ lines }) => lines)
  s.ok(said.some(line => /^its page is at https:\/\/127\.0\.0\.1:\d+$/.test(line)))
  s.ok(
    said.some(line => /^http:.*: Hello from your own server$/.test(line)),
    'the app answers',
  )
  s.ok(
    said.some(line => /^\/: 200; .*\.js: 200, .*installs: 401$/.test(line)),
    'the store has its page',
  )
}

const places = ['/etc', '/usr', '/var', '/root', '/home', '/opt', '/srv']
// Of package managers and logs, which other programs write to at any time.
const ofOthers = ['/var/lib/apt', '/var/lib/dpkg', '/var/cache', '/var/log', '/var/tmp', '/root/.npm', '/root/.cache']
const repository = resolve(import.meta.dirname, '../..')

/** Files whose content, owner, mode or name changed since a file was written; /var/log by its names only. */
function changedSince(stamp: string): string[] {
  const prune = [...ofOthers, repository].flatMap(path => ['-path', path, '-prune', '-o'])
  const args = [...places, '-xdev', ...prune, '-cnewer', stamp, '-print']
  const { stdout } = spawnSync('find', args, { encoding: 'utf8', maxBuffer: 1e8 })
  return stdout.split('\n').filter(Boolean)
}

const mounts = (): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter(line => /throwaway|tank|lxc|privexec/.test(line))

t.test('on a throwaway host all goes as it should, and the machine stays as it was', { skip }, async s => {
  const directory = mkdtempSync(join(tmpdir(), 'demo-'))
  s.teardown(() => rmSync(directory, { recursive: true }))
  const stamp = join(directory, 'stamp')
  writeFileSync(stamp, '')
  const [logs, before] = [readdirSync('/var/log'), mounts()]
  const { status, steps, end, stdout, stderr } = demo(['--json'])
  s.equal(status, 0, stdout + stderr)
  s.match(end, { end: true, ok: true, host: 'throwaway', left: [] })
  s.strictSame(
    steps.map(({ step }) => step),
    steps.map((_, index) => index + 1),
    'steps are numbered throughout',
  )
  s.strictSame(
    steps.filter(step => !step.ok),
    [],
  )
  s.strictSame(changedSince(stamp), [], 'no file of the machine changed')
  s.strictSame(readdirSync('/var/log'), logs)
  s.strictSame(mounts(), before)

  const ran = steps.filter(({ argv }) => argv?.[0] === 'sudo').map(({ argv }) => argv?.join(' ') ?? '')
  for (const program of ['pct exec 20001', 'pct push 20001', 'zfs mount tank/pgd', 'zfs unmount tank/pgd']) {
    s.ok(
      ran.some(line => line.includes(`nsenter --mount=/proc/1/ns/mnt -- /usr/sbin/${program}`)),
      program,
    )
  }
  s.equal(steps.filter(step => step.title === 'starts without any privilege').length, 2)
  const verbs = steps.filter(isDatabase).map(({ argv }) => argv?.slice(1, 3).join(' '))
  s.strictSame(verbs.slice(1, -1), [
    ...['project create', 'branch create', 'branch create', 'diff books/main', 'branch reset', 'branch delete'],
    'project delete',
  ])
  s.match(steps.find(isDatabase)?.lines, [/zfs:tank/, /docker/])
  storeIsWhole(s, steps)
  const words = steps.filter(isAttack).map(({ lines }) => lines.join('\n'))
  s.match(words, [/^Sorry, user appstore is not/, /^Sorry, user appstore is not/, /sudo: a password is required/])
  s.notOk(
    steps.some(step => step.standIn),
    'nothing was a stand-in',
  )
})

t.test('without root the same steps run over stand-ins, each labelled', async s => {
  const { status, stdout, steps, end } = demo(['--json'], { as: unprivileged })
  s.equal(status, 0)
  s.match(parse(stdout.split('\n')[0] ?? ''), {
    note: /^No throwaway host \(the throwaway host needs .*\): an embedded/,
  })
  s.match(end, { ok: true, host: 'embedded' })
  s.ok(steps.every(step => step.ok))
  s.ok(steps.every(step => (step.standIn === true) !== (isDatabase(step) || isStore(step))))
  storeIsWhole(s, steps)
  s.strictSame(
    steps.flatMap(({ argv }) => argv?.filter(word => /^\/usr\/sbin\//.test(word)) ?? []),
    ['exec', 'push', 'exec', 'mount', 'unmount', 'exec', 'push', 'mount'].map(verb =>
      verb.endsWith('mount') ? '/usr/sbin/zfs' : '/usr/sbin/pct',
    ),
  )
  s.equal(steps.filter(isAttack).length, 3)
})

t.test('text for a pipe has no colours, and labels stand-ins', async s => {
  const control = '\u001b['
  const { status, stdout } = demo(['--embedded'])
  s.equal(status, 0)
  s.notOk(stdout.includes(control))
  const marked = stdout.split('\n').filter(line => /^ {2}\S/.test(line))
  s.ok(marked.length > 10)
  const [first = '', databases = ''] = stdout.split('branches a database')
  const of = (text: string) => text.split('\n').filter(line => /^ {2}\S/.test(line))
  s.ok(of(first).every(line => line.startsWith('  ok  [stand-in] ')))
  s.ok(of(databases).every(line => line.startsWith('  ok  ') && !line.includes('stand-in')))
})

t.test('an option that is not known is refused', async s => {
  s.match(demo(['--jsno']), { status: 64, stdout: '', stderr: /--jsno/ })
})
