import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { holderOf, isAlive, pidOf, readHolder, thisProcess } from '../../src/locks/holder.ts'
import { anyCharacters } from '../names/support.ts'

const hasProc = process.platform === 'linux' ? false : 'only Linux tells when a process began'

t.test(
  'this process is alive, and its number at another time or another start of the machine is not',
  { skip: hasProc },
  async t => {
    const [pid, start, boot] = thisProcess().split(':')
    t.equal(pidOf(thisProcess()), process.pid)
    t.equal(boot, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
    t.equal(isAlive(thisProcess()), true)
    t.equal(isAlive(`${pid}:${Number(start) + 1}:${boot}`), false)
    t.equal(isAlive(`${pid}:${start}:00000000-0000-0000-0000-000000000000`), false)
    t.equal(isAlive(`${pid}:0:${boot}`), true, 'where the start is not known the number decides')
    t.equal(isAlive('nobody'), false)
  },
)

t.test('a process whose name looks like fields of its own is told apart', { skip: hasProc }, async t => {
  const script = 'printf ") Z 1 2 (" >/proc/$$/comm; echo; read line'
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  t.match(readFileSync(`/proc/${child.pid}/stat`, 'utf8'), '() Z 1 2 ()')
  const holder = holderOf(child.pid ?? 0)
  t.type(holder, 'string')
  t.equal(isAlive(holder ?? ''), true)
  child.kill('SIGKILL')
  await once(child, 'close')
  t.equal(isAlive(holder ?? ''), false)
  t.equal(holderOf(child.pid ?? 0), undefined)
})

t.test('a process that ended and was not waited for is not alive', { skip: hasProc }, async t => {
  // The shell says which process it started, and then becomes a program that never waits for it.
  const child = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(child.stdout, 'data')
  const holder = holderOf(Number(line)) ?? ''
  t.equal(isAlive(holder), true)
  while (!/^State:\tZ/m.test(readFileSync(`/proc/${Number(line)}/status`, 'utf8'))) {
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  t.equal(isAlive(holder), false)
  child.kill('SIGKILL')
  await once(child, 'close')
})

t.test('only texts of the form are holders', async t => {
  t.equal(readHolder(thisProcess()), thisProcess())
  await holds(
    t,
    fc.property(anyCharacters(80), text => readHolder(text) === undefined),
  )
  t.same(['1:2', '0:1:', '1:2:x', '1:2:\n', ' 1:2:', '-1:2:'].map(readHolder), Array(6).fill(undefined))
})
