import t from 'tap'
import { isActivated } from '../../../src/root/start/listen.ts'

t.test('the service manager hands over exactly one socket, and to this process', async s => {
  const pid = String(process.pid)
  s.ok(isActivated({ LISTEN_FDS: '1', LISTEN_PID: pid }))
  s.notOk(isActivated({}))
  s.notOk(isActivated({ LISTEN_FDS: '1' }), 'nobody knows for whom')
  s.notOk(isActivated({ LISTEN_PID: pid }), 'nobody knows what')
  s.notOk(isActivated({ LISTEN_FDS: '1', LISTEN_PID: '1' }), 'for another process')
  s.throws(() => isActivated({ LISTEN_FDS: '2', LISTEN_PID: pid }), { code: 'PRIVEXEC_USAGE' })
})
