import t from 'tap'
import type { Seat } from '../../../src/root/run/seat.ts'
import { openSeats } from '../../../src/root/run/seats.ts'
import { noTrees, type Trees } from '../../../src/root/tree.ts'

/** Seats of a warden that keeps a list of what happens; each seat goes by itself when it is dropped. */
function scene() {
  const events: string[] = []
  const ends: (() => void)[] = []
  let trees = 0
  let made = 0
  let fails = 0
  const counting: Trees = {
    ...noTrees,
    take: () => {
      const name = `tree ${++trees}`
      return { ...noTrees.take(), directory: name, release: () => events.push(`release ${name}`) }
    },
  }
  const prepare = async (group: string): Promise<Seat> => {
    events.push(`prepare in ${group}`)
    if (fails-- > 0) throw new Error('no room')
    const name = `seat ${++made}`
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    let isGone = false
    const go = () => {
      isGone = true
      resolve()
    }
    ends.push(go)
    const drop = () => {
      events.push(`drop ${name}`)
      setImmediate(go)
    }
    const start = () => {
      throw new Error(name)
    }
    return {
      start,
      drop,
      gone,
      get isGone() {
        return isGone
      },
    }
  }
  const fail = (count: number) => {
    fails = count
  }
  return { seats: openSeats(counting, { prepare }), events, ends, fail }
}

t.test('one place is made beforehand, however often that is asked for, and taken once', async s => {
  const { seats, events } = scene()
  seats.prepare()
  seats.prepare()
  s.strictSame(events, ['prepare in tree 1'])
  const [first, second] = await Promise.all([seats.take(), seats.take()])
  s.strictSame([first.tree.directory, second.tree.directory], ['tree 1', 'tree 2'])
  s.strictSame(events, ['prepare in tree 1', 'prepare in tree 2'])
  await seats.drop()
  s.equal(events.length, 2, 'none is left')
})

t.test('one that nobody takes is ended, and its tree given back when it is gone', async s => {
  const { seats, events } = scene()
  seats.prepare()
  await seats.drop()
  s.strictSame(events, ['prepare in tree 1', 'drop seat 1', 'release tree 1'])
  seats.prepare()
  s.equal((await seats.take()).tree.directory, 'tree 2')
})

t.test('one that has gone meanwhile is not used', async s => {
  const { seats, events, ends } = scene()
  seats.prepare()
  await new Promise(resolve => setImmediate(resolve))
  ends[0]?.()
  s.equal((await seats.take()).tree.directory, 'tree 2')
  s.strictSame(events, ['prepare in tree 1', 'release tree 1', 'prepare in tree 2'])
})

t.test('when none could be made beforehand it is tried again, and only then an error', async s => {
  const { seats, events, fail } = scene()
  fail(1)
  seats.prepare()
  s.equal((await seats.take()).tree.directory, 'tree 2')
  fail(2)
  seats.prepare()
  await s.rejects(seats.take(), { message: 'no room' })
  s.strictSame(
    events.filter(event => event.startsWith('release')),
    ['release tree 1', 'release tree 3', 'release tree 4'],
  )
  fail(1)
  seats.prepare()
  await seats.drop()
})

t.test('who ends a place waits for those that are being ended', async s => {
  const { seats, events } = scene()
  seats.prepare()
  seats.drop()
  await seats.drop()
  s.strictSame(events, ['prepare in tree 1', 'drop seat 1', 'release tree 1'])
})
