import t from 'tap'
import { endOf, exitStatusIn, serverOf } from '../../../src/runtime/docker/state.ts'

const listed = (State: string, Status: string) => ({
  Id: 'x',
  Labels: { 'pgd.account': '1000', 'pgd.key': 'abcdefghjk.1', 'pgd.server': 'project=shop,branch=dev,port=54321' },
  State,
  Status,
  Created: 1_700_000_000,
})

t.test('a container is a server with its key, port and time', async t => {
  t.strictSame(serverOf(listed('running', 'Up 3 minutes')), {
    key: 'abcdefghjk.1',
    state: 'running',
    port: 54321,
    since: 1_700_000_000_000,
  })
})

t.test('why it does not run is told in words', async t => {
  const of = (state: string, status: string, isOutOfMemory = false) => serverOf(listed(state, status), isOutOfMemory)
  t.match(of('created', 'Created'), { state: 'stopped', reason: undefined })
  t.match(of('exited', 'Exited (0) 5 seconds ago'), { state: 'stopped' })
  t.match(of('exited', 'Exited (1) 5 seconds ago'), { state: 'failed', reason: 'exited with status 1' })
  t.match(of('exited', 'Exited (137) 5 seconds ago'), { state: 'failed', reason: 'exited with status 137, killed' })
  t.match(of('exited', 'Exited (137) 5 seconds ago', true), { reason: 'exited with status 137, out of memory' })
  t.match(of('exited', 'whatever'), { state: 'failed', reason: 'ended' })
  t.match(of('paused', 'Up 3 minutes (Paused)'), { state: 'failed', reason: 'paused by somebody' })
  t.match(of('restarting', 'Restarting (1) 2 seconds ago'), { state: 'starting' })
})

t.test('labels that are not ours give no port', async t => {
  for (const text of ['', 'port=x', 'port=0', 'port=54321,port=1', 'nonsense']) {
    const { port } = serverOf({ ...listed('running', 'Up'), Labels: { 'pgd.server': text } })
    t.equal(port, undefined, text)
  }
})

t.test('an exit status is read only where one stands', async t => {
  t.equal(exitStatusIn('Exited (255) 2 hours ago'), 255)
  for (const text of ['Up 2 hours', 'Exited (1234) x', '', 'was Exited (1)']) t.equal(exitStatusIn(text), undefined)
  t.equal(endOf(undefined, true), 'ended, out of memory')
})
