import fc from 'fast-check'
import t from 'tap'
import { checks, diagnose } from '../../src/doctor/diagnose.ts'
import { holds } from '../support/property.ts'
import { appstore, pgd } from './support/context.ts'
import { pretend } from './support/machine.ts'

const wellFormed = (list: Awaited<ReturnType<typeof diagnose>>): boolean =>
  list.length > 0 && list.every(({ check, level, message }) => check in checks && level !== undefined && message !== '')

t.test('an empty machine is examined to the end, and is not well', async t => {
  for (const policy of [appstore, pgd]) {
    const list = await diagnose({ policy, machine: pretend({}) })
    t.ok(wellFormed(list))
    for (const check of ['sudo', 'drop-in', 'rights', 'programs', 'audit']) {
      t.ok(
        list.some(each => each.check === check && each.level === 'error'),
        check,
      )
    }
    t.notOk(list.some(({ check, level }) => check === 'rights' && level === 'ok'))
  }
})

t.test('a machine that breaks every promise is a warning for each check, and no rejection', async t => {
  const broken = () => Promise.reject(new Error('broken'))
  const machine = { uid: 0, read: broken, look: broken, link: broken, list: broken, free: broken, run: broken }
  const list = await diagnose({ policy: appstore, machine })
  t.ok(wellFormed(list))
  t.ok(list.some(({ check, level }) => check === 'sudo' && level === 'warning'))
})

t.test('whatever programs and files say, the doctor comes to an end', async t => {
  const word = fc.constantFrom(
    ...[
      'sudo-rs',
      'Sudo version 1.9.99p',
      'User x may run the following commands on y:',
      '{"Defaults":[{}]}',
      '\t',
      '    ',
    ],
    ...[
      'Sudoers entry:',
      '@includedir /etc/sudoers.d',
      '{"User_Specs":[{"User_List":[{"username":"ALL"}]}]}',
      '\n',
      ':',
      '\\',
    ],
    ...['---- Permissions on a ---', 'Permission sets:', ' - ', 'appstore:x:1:1:', '[]', 'null', '\u0000', '$', '%h'],
  )
  const text = fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }).map(parts => parts.join(''))
  const property = fc.asyncProperty(text, text, text, fc.nat(1000), async (a, b, c, uid) => {
    const machine = pretend({
      uid,
      files: { '/etc/sudoers': a, '/etc/sudoers.d/x': b, '/proc/self/mountinfo': c, '/proc/self/status': a },
      run: argv => [a, b, c][(argv.length + (argv[0]?.length ?? 0)) % 3],
    })
    return wellFormed(await diagnose({ policy: uid % 2 === 0 ? appstore : pgd, machine }))
  })
  await holds(t, property, { numRuns: 300 })
})
