import { execFileSync } from 'node:child_process'
import t from 'tap'

const module = new URL('../../../src/root/start/descriptors.ts', import.meta.url).href

/** Says which descriptors a program of this process has, before and after, and which of its own are open still. */
const script = `
  import { execFileSync } from 'node:child_process'
  import { fstatSync, openSync } from 'node:fs'
  import { closeInherited } from '${module}'
  const own = openSync('/dev/null', 'r')
  const inherited = () => execFileSync('/bin/sh', ['-c', 'echo /proc/$$/fd/*'], { stdio: ['ignore', 'pipe', 'inherit'] })
    .toString().split(/\\s+/).map(path => path.split('/').at(-1)).filter(Boolean)
  const before = inherited()
  closeInherited()
  closeInherited()
  const kept = [0, 1, 2, own].filter(fd => fstatSync(fd)).length
  console.error('still there')
  console.log(JSON.stringify({ before, after: inherited(), kept }))`

t.test('descriptors that this process was started with reach no program, and its own stay open', async s => {
  const shell = 'exec 3</dev/null 9</dev/null 30</dev/null 300</dev/null; exec "$@" 2>&1'
  const node = [process.execPath, '--input-type=module', '-e', script]
  const said = execFileSync('/bin/bash', ['-c', shell, 'bash', ...node], { env: {}, encoding: 'utf8' })
  const [words, json = ''] = said.trim().split('\n').slice(-2)
  s.equal(words, 'still there')
  const { before, after, kept } = JSON.parse(json)
  s.ok(before.includes('30') && before.includes('300'), 'Node does not see to it')
  s.strictSame(after, ['0', '1', '2', '3'], '3 is the directory that is read')
  s.equal(kept, 4)
})
