import t from 'tap'
import { parseOptions } from '../../../src/root/start/options.ts'

t.test('a policy on a socket, with or without an idle time, or one request', async s => {
  s.strictSame(parseOptions(['--policy', 'pgd']), { policy: 'pgd', isOnce: false })
  s.strictSame(parseOptions(['--policy', 'pgd', '--idle', '30']), { policy: 'pgd', isOnce: false, idle: 30 })
  for (const idle of [5, 999_999]) s.match(parseOptions(['--policy', 'pgd', '--idle', String(idle)]), { idle })
  s.strictSame(parseOptions(['--once', 'pgd']), { policy: 'pgd', isOnce: true })
})

t.test('every other command line is refused', async s => {
  const lines = [
    ...['', '--policy', '--once', 'pgd', '--policy a --once b', '--once a --idle 5', '--policy a b', '--help'],
    ...['--policy a --idle 0', '--policy a --idle -1', '--policy a --idle 1.5', '--policy a --idle 1e3'],
    ...['--policy a --idle 1000000', '--policy a --socket /tmp/x', '--idle 5', '-p a'],
  ]
  for (const line of lines) {
    const args = line.split(' ').filter(Boolean)
    s.throws(() => parseOptions(args), { code: 'PRIVEXEC_USAGE' }, line)
  }
})

t.test('what Node says of a command line is kept', async s => {
  s.throws(() => parseOptions(['--socket', 'x']), { cause: { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' } })
})
