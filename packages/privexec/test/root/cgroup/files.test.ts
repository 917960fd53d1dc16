import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { killThreads, readText, writeText } from '../../../src/root/cgroup/files.ts'

/** An open file with a text, as the kernel has one. */
function opened(s: Test, text: string): number {
  const path = join(s.testdir({}), 'file')
  writeFileSync(path, text)
  const file = openSync(path, 'r+')
  s.teardown(() => closeSync(file))
  return file
}

t.test('a file is read to its end, and again from its beginning', async s => {
  const text = Array.from({ length: 40_000 }, (_, line) => `${line}\n`).join('')
  const file = opened(s, text)
  s.equal(readText(file), text)
  s.equal(readText(file), text)
  s.equal(readText(opened(s, '')), '')
})

t.test('what is written comes behind what was written before', async s => {
  const file = opened(s, '')
  writeText(file, '1')
  writeText(file, '2')
  s.equal(readText(file), '12')
})

t.test('the processes of all threads are killed, each once, but this one and those that are gone', async s => {
  const child = spawn('/bin/sleep', ['600'], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const gone = spawn('/bin/true', { stdio: 'ignore' })
  await once(gone, 'exit')
  const threads = [process.pid, child.pid, gone.pid, child.pid].join('\n')
  s.strictSame(killThreads(opened(s, `${threads}\n`)), [child.pid])
  s.strictSame(await ended, [null, 'SIGKILL'])
  s.strictSame(killThreads(opened(s, '')), [])
})

t.test('a thread stands for its process', async s => {
  const script = 'new Worker("setInterval(() => {}, 1e6)", { eval: true }).on("online", () => console.log("x"))'
  const child = spawn(process.execPath, ['-e', `const { Worker } = require("node:worker_threads"); ${script}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
  })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  const last = readdirSync(`/proc/${child.pid}/task`).at(-1)
  s.not(last, String(child.pid))
  s.strictSame(killThreads(opened(s, `${last}\n`)), [child.pid])
  await ended
})
