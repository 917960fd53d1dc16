import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { tryLock } from '../../src/locks/file.ts'
import { thisProcess } from '../../src/locks/holder.ts'
import { openLocks } from '../../src/locks/locks.ts'
import { killHard, startScript } from './support.ts'

/** Takes the lock, says so, and keeps it until it is killed. */
const keep = `await openLocks(argv[0]).hold([{ name: argv[1], mode: argv[2] }], { operation: 'branch reset' },
  () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)) })`

const now = { operation: 'test', wait: 0 }
const nothing = async (): Promise<string> => 'done'

t.test('a shared lock is for several, an exclusive one for one', async t => {
  const locks = openLocks(join(t.testdir({}), 'locks'))
  const shared = { name: 'shop', mode: 'shared' } as const
  const exclusive = { name: 'shop', mode: 'exclusive' } as const
  await locks.hold([shared], now, async () => {
    t.equal(await locks.hold([shared], now, nothing), 'done')
    await t.rejects(locks.hold([exclusive], now, nothing), { code: 'PGD_BUSY' })
    t.equal(await locks.hold([{ name: 'shop/dev', mode: 'exclusive' }], now, nothing), 'done', 'another name')
  })
  await locks.hold([exclusive], now, async () => {
    await t.rejects(locks.hold([shared], now, nothing), { code: 'PGD_BUSY' })
    await t.rejects(locks.hold([exclusive], now, nothing), { code: 'PGD_BUSY' })
  })
  t.equal(await locks.hold([exclusive], now, nothing), 'done')
})

t.test('the locks are of this account alone, and leave nothing behind', async t => {
  const folder = join(t.testdir({}), 'state/locks')
  await openLocks(folder).hold([{ name: 'shop/dev', mode: 'exclusive' }], now, async () => {
    t.equal(statSync(folder).mode & 0o777, 0o700)
    for (const file of readdirSync(folder)) t.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
  })
  t.same(readdirSync(folder), [])
})

t.test('what was left by the killed is removed, and what somebody has stays', async t => {
  const folder = join(t.testdir({}), 'locks')
  const killed = startScript(keep, [folder, 'shop/dev', 'exclusive'])
  const lives = startScript(keep, [folder, 'shop', 'shared'])
  t.same([await killed.line(), await lives.line()], ['held', 'held'])
  await killHard(killed.child)
  const locks = openLocks(folder)
  locks.sweep()
  const left = readdirSync(folder)
  t.equal(left.length, 2, 'a lock with the note of its owner')
  t.ok(left.includes('shop'))
  t.ok(left.some(name => name.startsWith(`shop@${lives.child.pid}:`)))
  await killHard(lives.child)
  locks.sweep()
  t.same(readdirSync(folder), [])
})

t.test('a lock stays while nothing but the work knows of it', async t => {
  const folder = join(t.testdir({}), 'locks')
  const script = `openLocks(argv[0]).hold([{ name: 'a', mode: 'exclusive' }], { operation: 'x' }, () => new Promise(() => {}))
    for (let i = 0; i < 5; i += 1) { await new Promise(resolve => setTimeout(resolve, 5)); globalThis.gc() }
    console.log('collected')
    setInterval(() => {}, 1000)`
  const { child, line } = startScript(script, [folder], ['--expose-gc'])
  t.equal(await line(), 'collected')
  t.equal(openLocks(folder).take({ name: 'a', mode: 'shared' }, 'x'), undefined)
  await killHard(child)
})

t.test('who waits too long is told who has it, and since when', async t => {
  const folder = join(t.testdir({}), 'locks')
  const { child, line } = startScript(keep, [folder, 'shop/dev', 'exclusive'])
  t.equal(await line(), 'held')
  const busy = openLocks(folder).hold([{ name: 'shop/dev', mode: 'shared' }], { operation: 'x', wait: 30 }, nothing)
  await t.rejects(busy, {
    code: 'PGD_BUSY',
    message: new RegExp(`^shop/dev is in use by process ${child.pid} \\(branch reset\\) for \\d+ s$`),
  })
  await killHard(child)
})

t.test('a holder that is killed has the lock no more, and a note of it no meaning', async t => {
  const folder = join(t.testdir({}), 'locks')
  const { child, line } = startScript(keep, [folder, 'shop', 'exclusive'])
  await line()
  const locks = openLocks(folder)
  const waiting = locks.hold([{ name: 'shop', mode: 'exclusive' }], { operation: 'x' }, async () => {
    await t.rejects(locks.hold([{ name: 'shop', mode: 'exclusive' }], now, nothing), {
      message: new RegExp(`process ${process.pid} \\(x\\)`),
    })
    return 'taken'
  })
  await killHard(child)
  t.equal(await waiting, 'taken')
  t.same(readdirSync(folder), [])
})

t.test('a note of somebody who lost the lock, and is not quite gone yet, means nothing', async t => {
  const folder = t.testdir({ [`shop@${thisProcess()}@00000000`]: 'old', [`shop.dev@${thisProcess()}@00000000`]: 'x' })
  const locks = openLocks(folder)
  await locks.hold([{ name: 'shop', mode: 'exclusive' }], { operation: 'new' }, async () => {
    await t.rejects(locks.hold([{ name: 'shop', mode: 'shared' }], now, nothing), { message: /\(new\) for \d+ s$/ })
  })
  t.same(readdirSync(folder), [`shop.dev@${thisProcess()}@00000000`], 'that of another lock stays')
})

t.test('an empty file that a crash left is no lock', async t => {
  const folder = t.testdir({ shop: '', 'shop.dev': '' })
  t.equal(await openLocks(folder).hold([{ name: 'shop', mode: 'exclusive' }], now, nothing), 'done')
  t.equal(await openLocks(folder).hold([{ name: 'shop/dev', mode: 'shared' }], now, nothing), 'done')
})

t.test('an interrupt ends the wait, and frees what was taken before', async t => {
  const locks = openLocks(join(t.testdir({}), 'locks'))
  const release = locks.take({ name: 'b', mode: 'exclusive' }, 'other')
  const wanted = ['b', 'a'].map(name => ({ name, mode: 'exclusive' as const }))
  const controller = new AbortController()
  const waiting = locks.hold(wanted, { operation: 'x', signal: controller.signal }, nothing)
  t.equal(locks.take({ name: 'a', mode: 'shared' }, 'x'), undefined, 'a comes first, whatever the order')
  controller.abort()
  await t.rejects(waiting, { code: 'PGD_CANCELLED' })
  t.type(locks.take({ name: 'a', mode: 'shared' }, 'x'), 'function')
  release?.()
})

t.test('work that fails frees its locks', async t => {
  const locks = openLocks(join(t.testdir({}), 'locks'))
  const wanted = [{ name: 'shop', mode: 'exclusive' } as const]
  await t.rejects(
    locks.hold(wanted, now, async () => {
      throw new Error('no')
    }),
    /^no$/,
  )
  t.equal(await locks.hold(wanted, now, nothing), 'done')
})

t.test('names that could leave the directory are an error of the program', async t => {
  const locks = openLocks(join(t.testdir({}), 'locks'))
  for (const name of ['', '.', '..', '../x', 'a/../b', '/a', 'a.b', 'a@b', 'a\0']) {
    t.throws(() => locks.take({ name, mode: 'shared' }, 'x'), TypeError)
  }
})

t.test('a place that cannot hold locks is said', async t => {
  const folder = t.testdir({ file: '' })
  const locks = openLocks(join(folder, 'file/locks'))
  await t.rejects(locks.hold([{ name: 'a', mode: 'shared' }], now, nothing), { code: 'PGD_STORE_UNAVAILABLE' })
  mkdirSync(join(folder, 'locks/a'), { recursive: true })
  t.throws(() => openLocks(join(folder, 'locks')).take({ name: 'a', mode: 'shared' }, 'x'), {
    code: 'PGD_STORE_UNAVAILABLE',
  })
})

t.test('a file that was replaced while somebody waited is another lock', async t => {
  const path = join(t.testdir({}), 'lock')
  const first = tryLock(path, 'exclusive')
  t.equal(tryLock(path, 'exclusive'), undefined)
  first?.()
  const second = tryLock(path, 'shared')
  t.equal(tryLock(path, 'exclusive'), undefined)
  second?.()
  const third = tryLock(path, 'exclusive')
  first?.()
  t.equal(tryLock(path, 'shared'), undefined, 'releasing twice is of no effect')
  third?.()
})

t.test('twenty processes at once, some of them killed, never hold it together', async t => {
  const folder = t.testdir({})
  const log = join(folder, 'log')
  writeFileSync(log, '')
  // Each enters and leaves several times; one in four is killed within.
  const script = `import { appendFileSync } from 'node:fs'
    const [folder, log, me] = argv
    const locks = openLocks(folder)
    for (let i = 0; i < 10; i += 1) {
      await locks.hold([{ name: 'shop', mode: 'shared' }, { name: 'shop/dev', mode: 'exclusive' }], { operation: 'x', wait: 120_000 }, async () => {
        appendFileSync(log, me + ' in\\n')
        if (me % 4 === 0 && i === 3) process.kill(process.pid, 'SIGKILL')
        await new Promise(resolve => setTimeout(resolve, 1))
        appendFileSync(log, me + ' out\\n')
      })
    }`
  const all = Array.from({ length: 20 }, (_, me) => startScript(script, [join(folder, 'locks'), log, String(me)]).child)
  const ends = await Promise.all(all.map(child => once(child, 'close')))
  t.same(
    ends.map(([code, signal]) => signal ?? code),
    all.map((_, me) => (me % 4 === 0 ? 'SIGKILL' : 0)),
  )
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  t.equal(lines.filter(line => line.endsWith(' in')).length, 15 * 10 + 5 * 4)
  let inside: string | undefined
  const wrong = lines.filter(line => {
    const [me = '', what] = line.split(' ')
    // Only one that is killed goes without a word.
    const isRight = what === 'in' ? inside === undefined || Number(inside) % 4 === 0 : inside === me
    inside = what === 'in' ? me : undefined
    return !isRight
  })
  t.same(wrong, [])
  const locks = openLocks(join(folder, 'locks'))
  const both = ['shop', 'shop/dev'].map(name => ({ name, mode: 'exclusive' as const }))
  t.equal(await locks.hold(both, now, nothing), 'done', 'and it is free in the end')
})
