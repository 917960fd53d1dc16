import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { cgroupDirectory } from '../../packages/privexec/src/root/cgroup/directory.ts'
import { openTrees, type Tree } from '../../packages/privexec/src/root/tree.ts'
import { prepareHost } from '../host/prepare.ts'

prepareHost({})

const text = (name: string): string => readFileSync(`/proc/self/${name}`, 'utf8')
const ownGroup = (): string => /^0::(.*)$/m.exec(text('cgroup'))?.[1] ?? ''
const before = ownGroup()
/** Open files of control groups. */
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)].filter(path => path.includes('/privexecd-'))
    } catch {
      return []
    }
  })
const outside = cgroupDirectory(text('cgroup'), text('mountinfo')) ?? ''
const trees = openTrees()
const children: ChildProcess[] = []

/** Starts a script in a tree, and resolves with it when it says that it is ready. */
async function start(tree: Tree, script: string, file = '/bin/bash'): Promise<ChildProcess> {
  const child = tree.within(() =>
    spawn(file, ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true, env: {} }),
  )
  children.push(child)
  await once(child.stdout ?? child, 'data')
  return child
}

/** Processes of this host that have a word in their command line. */
const having = (word: string): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && pid !== process.pid)
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)
      } catch {
        return false
      }
    })

t.test('this process gets a group of its own, and comes back to it after each start', async t => {
  t.equal(trees.kind, 'cgroup')
  const home = ownGroup()
  t.match(home, /\/privexecd-[0-9a-f-]+$/)
  const tree = trees.take()
  const seen = tree.within(ownGroup)
  t.match(seen, /\/privexecd-[0-9a-f-]+\/\d+$/)
  t.throws(() =>
    tree.within(() => {
      throw new Error('no start')
    }),
  )
  t.equal(ownGroup(), home)
  tree.release()
})

t.test('a program is born in its tree, and an empty tree has nothing to kill', async t => {
  const tree = trees.take()
  const child = await start(tree, 'cat /proc/self/cgroup; exit')
  await once(child, 'close')
  t.equal(await tree.kill(), 0)
  tree.release()
  const again = trees.take()
  t.equal(again.within(ownGroup), tree.within(ownGroup), 'a tree is used again')
  again.release()
})

const escapes: Readonly<Record<string, readonly [script: string, processes: number]>> = {
  'ignores every signal that can be ignored': ['trap "" TERM HUP INT QUIT; echo; sleep 4101 & wait', 2],
  'is stopped': ['sleep 4101 & echo; kill -STOP $$', 2],
  'forks twice into sessions of their own, and ends': [
    'setsid setsid -f env -i setsid sleep 4101 </dev/null >/dev/null 2>&1; setsid -f sleep 4101 </dev/null >/dev/null; echo',
    2,
  ],
  'starts another whenever one is killed': [
    'breed() { trap "" TERM; while :; do sleep 4101 & wait; done; }; for i in 1 2 3 4 5 6 7 8; do breed & done; echo; wait',
    17,
  ],
}

for (const [title, [script, processes]] of Object.entries(escapes)) {
  t.test(`a program that ${title} is gone with all that it started`, async t => {
    const tree = trees.take()
    await start(tree, script)
    while (having('4101').length < 1) await delay(10)
    await delay(100)
    t.ok(having('4101').length > 0, 'it runs')
    const count = await tree.kill()
    t.ok(count >= processes, `${count} processes, at least ${processes}`)
    t.same(having('4101'), [])
    tree.release()
  })
}

t.test('a program that forks as fast as it can is gone', async t => {
  const tree = trees.take()
  // Twenty at once, each replaced by its own child again and again; it ends by itself, lest a failure fill the machine.
  const bomb =
    '$| = 1; print "x"; for (1 .. 19) { fork or last } for (1 .. 400) { select undef, undef, undef, 0.01; fork and exit } # 4102'
  const child = tree.within(() =>
    spawn('/usr/bin/perl', ['-e', bomb], { stdio: ['ignore', 'pipe', 'inherit'], detached: true }),
  )
  await once(child.stdout, 'data')
  while (having('4102').length <= 10) await delay(20)
  const group = cgroupDirectory(
    tree.within(() => text('cgroup')),
    text('mountinfo'),
  )
  const freezer = (): string => readFileSync(`${group}/cgroup.freeze`, 'utf8')
  const killing = tree.kill()
  t.equal(freezer(), '1\n', 'it cannot fork while it is being killed')
  t.ok((await killing) > 10)
  t.equal(freezer(), '0\n')
  t.same(having('4102'), [])
  tree.release()
})

t.test('two ends at once are one, and other trees are not touched', async t => {
  const [tree, other] = [trees.take(), trees.take()]
  await start(tree, 'sleep 4103 & echo; wait')
  await start(other, 'sleep 4104 & echo; wait')
  const ends = await Promise.all([tree.kill(), tree.kill()])
  t.same(ends, [2, 2])
  t.equal(having('4104').length, 2)
  t.equal(await other.kill(), 2)
  tree.release()
  other.release()
})

t.test('a tree that was not emptied is not used again', async t => {
  const tree = trees.take()
  await start(tree, 'sleep 4105 & echo; wait')
  tree.release()
  const next = trees.take()
  t.not(next.within(ownGroup), tree.within(ownGroup))
  await tree.kill()
  tree.release()
  next.release()
})

t.test('a tree that was given back twice is used once', async t => {
  const tree = trees.take()
  tree.release()
  tree.release()
  const [first, second] = [trees.take(), trees.take()]
  t.not(first.within(ownGroup), second.within(ownGroup))
  first.release()
  second.release()
})

t.test('of many empty trees some are kept, and the others are removed', async t => {
  const home = cgroupDirectory(text('cgroup'), text('mountinfo')) ?? ''
  const kept = (): number => readdirSync(home, { withFileTypes: true }).filter(entry => entry.isDirectory()).length
  const many = Array.from({ length: 66 }, () => trees.take())
  t.ok(kept() >= 66)
  for (const tree of many) tree.release()
  t.equal(kept(), 64)
})

t.test('after the close this process is where it was, and nothing is left', async t => {
  const home = cgroupDirectory(text('cgroup'), text('mountinfo')) ?? ''
  const bystander = spawn('/bin/sleep', ['4106'], { stdio: 'ignore' })
  t.not(openFiles().length, 0)
  trees.close()
  t.equal(ownGroup(), before)
  t.equal(existsSync(home), false)
  t.same(openFiles(), [])
  t.ok(existsSync(`/proc/${bystander.pid}`))
  bystander.kill('SIGKILL')
  t.ok(existsSync(outside))
})

t.test(
  'the directories of a broker that was killed are removed by the next one, and those of a living one are not',
  async t => {
    const module = new URL('../../packages/privexec/src/root/tree.ts', import.meta.url).href
    const script = `const t = (await import('${module}')).openTrees(); t.take(); console.log(t.kind); setInterval(() => {}, 1e6)`
    const other = () => broker(script)
    const groupOf = (pid = 0): string =>
      cgroupDirectory(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), text('mountinfo')) ?? ''
    const first = await other()
    const directory = groupOf(first.pid)
    t.ok(existsSync(`${directory}/0`))
    first.kill('SIGKILL')
    await once(first, 'close')
    const second = await other()
    const living = groupOf(second.pid)
    const third = await other()
    t.equal(existsSync(directory), false)
    t.equal(existsSync(`${living}/0`), true)
    for (const child of [second, third]) {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  },
)

/** Starts a script as a broker of its own, and resolves when it has said something. */
async function broker(script: string): Promise<ChildProcess> {
  const args = ['--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.equal(String((await once(child.stdout, 'data'))[0]), 'cgroup\n')
  return child
}

// A second session without the marker, whose parent has ended: nothing but its control group tells where it comes from.
const runaway = (policy: string, word: string): string => {
  const source = (name: string): string => new URL(`../../packages/privexec/${name}`, import.meta.url).pathname
  return `
    const { openTrees } = await import('${source('src/root/tree.ts')}')
    const { startWarden } = await import('${source('src/root/warden.ts')}')
    const { spawn } = await import('node:child_process')
    const trees = openTrees()
    const warden = startWarden('${policy}', '${source('libexec/warden')}')
    await warden.notify('x').catch(() => {})
    const script = 'trap "" TERM HUP; env -i setsid -f sleep ${word} </dev/null >/dev/null 2>&1; exec sleep ${word}'
    trees.take().within(() => spawn('/bin/sh', ['-c', script], { stdio: 'ignore', detached: true, env: { PATH: '/usr/bin:/bin' } }))
    setTimeout(() => console.log(trees.kind), 300)
    setInterval(() => {}, 1e6)`
}

t.test('a directory is deserted when its owner is no process, or one that is elsewhere', async t => {
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
  const deserted = [`${namespace}-999999999-x`, `${namespace}-1-x`].map(name => `${outside}/privexecd-${name}`)
  // Those of another PID namespace have numbers that say nothing here.
  const others = [`${outside}/privexecd-1-999999999-x`, `${outside}/other-${namespace}-999999999-x`]
  for (const directory of [...deserted, ...others]) mkdirSync(directory)
  const living = await broker(
    `const t = (await import('${new URL('../../packages/privexec/src/root/tree.ts', import.meta.url).href}')).openTrees(); t.take(); console.log(t.kind); setInterval(() => {}, 1e6)`,
  )
  const home = cgroupDirectory(readFileSync(`/proc/${living.pid}/cgroup`, 'utf8'), text('mountinfo')) ?? ''
  const own = openTrees()
  t.strictSame(deserted.map(existsSync), [false, false])
  t.strictSame([`${home}/0`, ...others].map(existsSync), [true, true, true])
  own.close()
  living.kill('SIGKILL')
  await once(living, 'close')
  for (const directory of others) rmdirSync(directory)
})

t.test('when the broker is killed, its warden ends everything in its trees', async t => {
  const child = await broker(runaway('demo', '4107'))
  t.equal(having('sleep\x004107').length, 2)
  child.kill('SIGKILL')
  while (having('sleep\x004107').length > 0) await delay(20)
  t.same(having('sleep\x004107'), [])
})

t.test('when its warden is killed too, the next broker does', async t => {
  const child = await broker(runaway('demo', '4108'))
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number)
  const warden = children.find(pid => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('libexec/warden')) ?? 0
  process.kill(warden, 'SIGKILL')
  child.kill('SIGKILL')
  await once(child, 'close')
  await delay(200)
  t.equal(having('sleep\x004108').length, 2)
  const next = openTrees()
  t.equal(next.kind, 'cgroup')
  t.same(having('sleep\x004108'), [])
  next.close()
  t.same(openFiles(), [])
  t.same(
    readdirSync(outside).filter(name => name.startsWith('privexecd-')),
    [],
  )
})
