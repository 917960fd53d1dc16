import { PassThrough } from 'node:stream'
import t from 'tap'
import { faultOf, headOf, withoutSudoWarnings } from '../../../src/transport/sudo/messages.ts'

const neighbour = '/etc/sudoers.d/broken:1:9: syntax error\nthis is no rule\n        ^~\n'

t.test('what sudo says of a broken neighbour or of its log is no word of the program', async t => {
  t.equal(withoutSudoWarnings(`${neighbour}sudo: unable to open log file /x: Read-only file system\n`), '')
  t.equal(withoutSudoWarnings(`${neighbour}failed to create file: /x\n`), 'failed to create file: /x\n')
  t.equal(withoutSudoWarnings('plain\n'), 'plain\n')
})

t.test('an exit status of the program itself is no fault', async t => {
  t.equal(faultOf(1, 'no such thing\n', '/usr/sbin/zfs'), undefined)
  t.equal(faultOf(127, 'env: nosuch: No such file or directory\n', '/usr/sbin/pct'), undefined)
  t.equal(faultOf(7, 'sudo: a password is required\n', '/usr/sbin/zfs'), undefined)
})

t.test('the words of sudo and nsenter name what is missing', async t => {
  t.same(faultOf(1, 'sudo: /usr/bin/nsenter: command not found\n', '/usr/sbin/pct'), {
    kind: 'missing',
    program: '/usr/bin/nsenter',
  })
  t.same(faultOf(127, 'nsenter: failed to execute /usr/sbin/pct: No such file or directory\n', '/usr/sbin/pct'), {
    kind: 'missing',
    program: '/usr/sbin/pct',
  })
  const flag = 'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.\n'
  t.match(faultOf(1, flag, '/usr/sbin/pct'), { kind: 'no-privileges', text: /no new privileges/ })
})

t.test('sudo-rs says the same in other words, and under two names', async t => {
  for (const name of ['sudo', 'sudo-rs']) {
    const says = (words: string) => faultOf(1, `${name}: ${words}\n`, '/usr/sbin/pct')
    t.same(says("'/usr/libexec/x': command not found"), { kind: 'missing', program: '/usr/libexec/x' })
    t.same(says("cannot execute '/usr/libexec/x': No such file or directory (os error 2)"), {
      kind: 'missing',
      program: '/usr/libexec/x',
    })
    t.match(says('sudo must be owned by uid 0 and have the setuid bit set'), { kind: 'no-privileges' })
    t.same(says("I'm sorry a. I'm afraid I can't do that"), { kind: 'refused' })
    t.equal(withoutSudoWarnings(`${name}: something about the machine\n`), '')
  }
  t.same(faultOf(1, 'sudo: unable to execute /x: No such file or directory\n', '/y'), {
    kind: 'missing',
    program: '/x',
  })
})

t.test('a refusal is only a guess that sudo must confirm', async t => {
  for (const words of ['sudo: a password is required', 'Sorry, user a is not allowed to execute b as root on c.']) {
    t.same(faultOf(1, `${words}\n`, '/usr/sbin/pct'), { kind: 'refused' })
  }
})

t.test('of standard error only the beginning is kept, and it may be read any time', async t => {
  const stderr = new PassThrough()
  const head = headOf(stderr)
  t.equal(head(), '')
  for (const bytes of [Buffer.from([0xff]), Buffer.alloc(8190, 'a'), Buffer.from('b'), Buffer.from('c')]) {
    stderr.write(bytes)
  }
  await new Promise(resolve => setImmediate(resolve))
  t.equal(head(), `\xff${'a'.repeat(8190)}b`)
})
