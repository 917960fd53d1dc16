import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openLocks } from '../../src/locks/locks.ts'
import { allotPort, claimEarly, isFree } from '../../src/locks/ports.ts'
import { parsePort } from '../../src/names/port.ts'
import { startScript } from './support.ts'

const newLocks = (t: Test) => openLocks(join(t.testdir({}), 'locks'))
const port = (number: number) => parsePort(number)
const none = async (): Promise<Set<number>> => new Set()

/** Listens on a free port of an address. */
async function listen(t: Test, host: string): Promise<number> {
  const server = createServer().listen({ host, port: 0 })
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as { port: number }).port
}

t.test('the same branch gets the same port of the usual range where that is free', async t => {
  const locks = newLocks(t)
  const first = await allotPort(locks, { used: none, seed: 'shop/dev' })
  t.ok(first.port >= 6500 && first.port <= 7499)
  const second = await allotPort(locks, { used: none, seed: 'shop/dev' })
  t.not(second.port, first.port, 'nobody gets what is being given')
  first.release()
  second.release()
  const again = await allotPort(locks, { used: none, seed: 'shop/dev' })
  t.equal(again.port, first.port)
  again.release()
})

t.test('what other branches have, or become to have meanwhile, is left alone', async t => {
  const locks = newLocks(t)
  let asked = 0
  const used = async () => {
    asked += 1
    return new Set(asked === 1 ? [21_000, 21_001] : [21_000, 21_001, 21_002])
  }
  const wish = { used, seed: '', range: [port(21_000), port(21_003)] as const }
  const claim = await allotPort(locks, wish)
  t.ok(claim.port >= 21_002)
  claim.release()
  const full = allotPort(locks, { ...wish, used: async () => new Set([21_000, 21_001, 21_002, 21_003]) })
  await t.rejects(full, { code: 'PGD_PORT_TAKEN' })
})

t.test('a port that something listens on is not given', async t => {
  const locks = newLocks(t)
  for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::']) {
    const taken = await listen(t, host).catch(() => undefined)
    if (taken === undefined) continue
    t.equal(await isFree(taken), false, host)
    await t.rejects(allotPort(locks, { used: none, seed: '', port: port(taken) }), {
      code: 'PGD_PORT_TAKEN',
      field: 'port',
    })
  }
})

t.test('a wished port is given or refused, and never another one', async t => {
  const locks = newLocks(t)
  const claim = await allotPort(locks, { used: none, seed: 'x', port: port(21_010) })
  t.equal(claim.port, 21_010)
  await t.rejects(allotPort(locks, { used: none, seed: 'x', port: port(21_010) }), { code: 'PGD_PORT_TAKEN' })
  claim.release()
  const used = async () => new Set([21_010])
  await t.rejects(allotPort(locks, { used, seed: 'x', port: port(21_010) }), { code: 'PGD_PORT_TAKEN' })
})

t.test('what fails while it asks gives the port back', async t => {
  const locks = newLocks(t)
  const wish = { seed: 'x', port: port(21_020) }
  const used = async () => {
    throw new Error('no')
  }
  await t.rejects(allotPort(locks, { ...wish, used }), /^no$/)
  await t.rejects(allotPort(locks, { ...wish, used: none, signal: AbortSignal.abort() }), { code: 'PGD_CANCELLED' })
  t.equal((await allotPort(locks, { ...wish, used: none })).port, 21_020)
})

t.test('twenty processes at once get twenty ports', async t => {
  const folder = t.testdir({})
  const module = JSON.stringify(new URL('../../src/locks/ports.ts', import.meta.url).href)
  const script = `import { mkdirSync, readdirSync } from 'node:fs'
    import { allotPort } from ${module}
    const used = async () => new Set(readdirSync(argv[0]).map(Number))
    const { port, release } = await allotPort(openLocks(argv[1]), { used, seed: 'the same', range: [21100, 21119] })
    mkdirSync(argv[0] + '/' + port)
    release()
    console.log(port)`
  mkdirSync(join(folder, 'used'))
  const all = Array.from({ length: 20 }, () => startScript(script, [join(folder, 'used'), join(folder, 'locks')]))
  const ports = await Promise.all(all.map(({ line }) => line()))
  t.same(
    ports.map(Number).sort(),
    Array.from({ length: 20 }, (_, i) => 21_100 + i),
  )
})

t.test(
  'a port that is claimed before what is used is known is given to nobody else, and is another one where it is used',
  async t => {
    const locks = newLocks(t)
    const wish = { used: none, seed: 'shop/dev', range: [port(21_010), port(21_013)] as const }
    const claim = claimEarly(locks, wish)
    const first = await claim.among(new Set())
    const second = await allotPort(locks, wish)
    t.not(second.port, first, 'it is held')
    claim.release()
    second.release()

    const used = new Set([first])
    const other = claimEarly(locks, { ...wish, used: async () => used })
    t.not(await other.among(used), first)
    const free = locks.take({ name: `port:${first}`, mode: 'exclusive' }, 'test')
    t.ok(free, 'what it did not get is given back')
    free?.()
    other.release()

    const busy = locks.take({ name: `port:${first}`, mode: 'exclusive' }, 'test')
    const late = claimEarly(locks, wish)
    t.not(await late.among(new Set()), first, 'what somebody else is being given is not waited for')
    late.release()
    busy?.()
  },
)
