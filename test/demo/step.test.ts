import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { leftBehind, machineNow } from './outside.ts'
import { printer, shorten, type Tally } from './step.ts'

t.test('a step that did not go as it should is counted, in both forms of output', async s => {
  const written: string[] = []
  for (const isJson of [true, false]) {
    const tally: Tally = { steps: 0, failures: 0 }
    const report = printer(isJson, tally, text => void written.push(text))
    report({ part: 'a', title: 'fine', ok: true, lines: [] })
    report({ part: 'a', title: 'bad', ok: false, lines: ['why'], standIn: true })
    s.strictSame(tally, { steps: 2, failures: 1 })
  }
  s.match(JSON.parse(written[1] ?? ''), { step: 2, title: 'bad', ok: false, standIn: true })
  s.match(written.slice(2).join(''), /^\na\n {2}ok {2}fine\n {2}WRONG {2}\[stand-in\] bad\n {6}why\n$/)
})

t.test('colours are for a terminal, and can be forced', async s => {
  const step = { part: 'a', title: 'fine', ok: true, lines: [] }
  const script = `import { printer } from '${join(import.meta.dirname, 'step.ts')}'
    printer(false, { steps: 0, failures: 0 })(${JSON.stringify(step)})`
  const written = (...env: readonly string[]): string =>
    // What tap puts into the environment of children makes every Node below write into the repository.
    spawnSync('env', ['-i', ...env, process.execPath, '--input-type=module-typescript', '--eval', script], {
      encoding: 'utf8',
    }).stdout
  const control = '\u001b['
  s.equal(written(), '\na\n  ok  fine\n')
  s.ok(written('FORCE_COLOR=1').includes(control))
})

t.test('a command line is shortened for reading, and words with blanks stay one word', async s => {
  const id = '0123456789abcdef'.repeat(2)
  const argv = ['sudo', '--', '/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--', '/usr/sbin/pct', `X=a-${id}`, 'a b']
  s.equal(shorten(argv), 'sudo -- nsenter -- pct X=a-012345... "a b"')
})

t.test('what a run leaves behind is found', { skip: process.platform !== 'linux' }, async s => {
  const now = machineNow()
  s.strictSame(await leftBehind(now, 'MARK=nobody'), [])
  const before = { paths: new Map([...now.paths, ['/etc/passwd', 'absent']]), mounts: new Set<string>() }
  const child: ChildProcess = spawn('sleep', ['60'], { env: { MARK: 'left' } })
  await once(child, 'spawn')
  const found = await leftBehind(before, 'MARK=left')
  child.kill('SIGKILL')
  s.ok(found.includes('/etc/passwd changed'))
  s.ok(found.includes(`process ${child.pid}`))
})
