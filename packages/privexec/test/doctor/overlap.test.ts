import fc from 'fast-check'
import t from 'tap'
import { mayOverlap, splitCommand } from '../../src/doctor/overlap.ts'
import { expectedRules } from '../../src/doctor/rights.ts'
import { holds } from '../support/property.ts'
import { appstore, pgd } from './support/context.ts'

const overlap = (a: string, b: string) => mayOverlap(splitCommand(a), splitCommand(b))

t.test('our own policies do not overlap, though both begin with nsenter', async t => {
  for (const { command: a } of expectedRules(appstore)) {
    for (const { command: b } of expectedRules(pgd)) t.notOk(overlap(a, b), `${a} and ${b}`)
    t.ok(overlap(a, a))
  }
})

t.test('open commands overlap with everything that they may mean', async t => {
  const ours = '/usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- /usr/sbin/zfs mount tank(/[a-z]{1,9}){1,3}$'
  const theirs = ['ALL', '/usr/bin/nsenter', '/usr/bin/', '/usr/bin/*', '/usr/bin/nsenter --mount=/proc/1/ns/mnt -- *']
  for (const each of [...theirs, '/usr/bin/nsenter ^x|--mount.*$']) t.ok(overlap(ours, each), each)
  t.ok(overlap('/bin/x ^ab?c$', '/bin/x ac'), 'an optional character fixes nothing')
  t.notOk(overlap(ours, '/usr/bin/nsenter -t 1 -a'))
  t.notOk(overlap(ours, '/usr/bin/id'))
})

t.test('two rules that match one call are always said to overlap', async t => {
  const text = fc.stringMatching(/^[a-z/=-]{1,20}$/)
  const cut = fc.nat(20)
  const forms = (args: string, at: number): string[] => [
    `/bin/x ${args}`,
    `/bin/x ${args.slice(0, at)}*`,
    `/bin/x ^${args.slice(0, at)}[ -~]{0,99}$`,
    `/bin/x ^${args.slice(0, at)}(${args.slice(at)}|y)$`,
    `/bin/x ^z|${args}$`,
    `/bin/x ^${args}y?$`,
  ]
  await holds(
    t,
    fc.property(text, cut, cut, fc.nat(5), fc.nat(5), (args, i, j, form, other) =>
      overlap(forms(args, i)[form] ?? '', forms(args, j)[other] ?? ''),
    ),
  )
})
