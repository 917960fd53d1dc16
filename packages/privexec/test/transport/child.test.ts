import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import type { Allowed } from '../../src/decide/decision.ts'
import { readOutput } from '../../src/execute/output.ts'
import { type Child, exitOf, exitOfProgram, inputOf, startChild } from '../../src/transport/child.ts'

const start = (script: string, stdin = false): Child =>
  startChild({ command: { accepts: { stdin } } } as Allowed, '/bin/sh', ['-c', script], { PATH: '/usr/bin:/bin' })

const unlimited = (): void => {}

t.test('a reader that is slower than the program gets all that it wrote, also after its end', async s => {
  const child = start('head -c 180000 /dev/zero')
  const exit = exitOf(child)
  const { bytes } = await readOutput(child.stdout, () => wait(1400), unlimited)
  child.stderr.resume()
  s.equal(bytes, 180_000)
  s.strictSame(await exit, { exitCode: 0 })
})

t.test('a process that was left behind with the pipe does not keep the operation open', async s => {
  const child = start('sleep 30 & echo $!')
  const exit = exitOf(child)
  const [stdout] = await Promise.all([readOutput(child.stdout, undefined, unlimited), child.stderr.resume()])
  s.teardown(() => process.kill(Number(stdout.text)))
  s.strictSame(await exit, { exitCode: 0 })
})

t.test('standard input is a pipe for a command that takes one, and empty for all others', async s => {
  const texts = [true, false].map(async stdin => {
    const child = start('cat', stdin)
    inputOf(child).end('words')
    child.stderr.resume()
    return (await readOutput(child.stdout, undefined, unlimited)).text
  })
  s.strictSame(await Promise.all(texts), ['words', ''])
})

t.test('an exit code, a signal and a program that is not there are told apart', async s => {
  const ends = [start('exit 3'), start('kill -KILL $$')].map(exitOf)
  const missing = startChild({ command: { accepts: { stdin: false } } } as Allowed, '/nowhere/program', [], {})
  s.match(await Promise.all([...ends, exitOf(missing)]), [
    { exitCode: 3 },
    { signal: 'SIGKILL' },
    { fault: { kind: 'start', cause: { code: 'ENOENT' } } },
  ])
})

t.test('without descriptors for pipes the start fails, and the process goes on', async s => {
  const module = new URL('../../src/transport/child.ts', import.meta.url).href
  const script = `
    import { openSync } from 'node:fs'
    const { startChild } = await import('${module}')
    try { for (;;) openSync('/dev/null') } catch {}
    try { startChild({ command: { accepts: { stdin: true } } }, '/bin/true', [], {}) } catch (error) { console.log(error.message) }
    setTimeout(() => console.log('alive'), 50)`
  const args = ['-c', 'ulimit -n 40; exec "$0" --input-type=module -e "$1"', process.execPath, script]
  const limited = startChild({ command: { accepts: { stdin: false } } } as Allowed, '/bin/sh', args, {})
  let said = ''
  limited.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  await exitOf(limited)
  s.match(said, /no descriptors.*\nalive/)
})

t.test('a program is missing when it cannot be found, not when there is no room for another process', async s => {
  const exit = (code: string) => ({ fault: { kind: 'start', cause: Object.assign(new Error(), { code }) } }) as const
  const missing = { fault: { kind: 'missing', program: '/usr/sbin/zfs' } }
  for (const code of ['ENOENT', 'EACCES']) s.strictSame(exitOfProgram(exit(code), '/usr/sbin/zfs'), missing)
  const full = exit('EAGAIN')
  s.equal(exitOfProgram(full, '/usr/sbin/zfs'), full)
  s.strictSame(exitOfProgram({ exitCode: 3 }, '/usr/sbin/zfs'), { exitCode: 3 })
})
