import t from 'tap'
import { parseListing } from '../../src/doctor/sudo-list.ts'

const text = `\
Matching Defaults entries for appstore on pve:
    env_reset, secure_path=/usr/sbin\\:/usr/bin, !authenticate, log_format=json

Runas and Command-specific defaults for appstore:
    Defaults!/usr/bin/nsenter !authenticate_not, closefrom=3

User appstore may run the following commands on pve:

Sudoers entry:
    RunAsUsers: root
    Options: !authenticate
    Timeout: 1800
    Commands:
\t/usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- x (a| b)$

Sudoers entry: /etc/sudoers.d/zz
    RunAsUsers: ALL
    RunAsGroups: ALL
    Options: setenv, authenticate
    Commands:
\t/usr/bin/id
\t!/bin/su
\t/bin/ls with a wrapped
        line ""
`

t.test('rules, their options and their file are read from sudo -ll', async t => {
  const listing = parseListing(text)
  t.equal(listing?.passwordless, true)
  t.strictSame(listing?.rules[0], {
    runAsUsers: 'root',
    runAsGroups: '',
    options: ['!authenticate'],
    timeout: 1800,
    command: '/usr/bin/nsenter ^--mount=/proc/1/ns/mnt -- x (a| b)$',
  })
  t.match(listing?.rules[2], {
    runAsUsers: 'ALL',
    runAsGroups: 'ALL',
    command: '!/bin/su',
    source: '/etc/sudoers.d/zz',
  })
  t.equal(listing?.rules[3]?.command, '/bin/ls with a wrapped line ""')
  t.equal(listing?.rules.length, 4)
})

t.test('a setting for commands is not taken for one of the account', async t => {
  t.equal(parseListing(text.replace('!authenticate, log', 'log'))?.passwordless, false)
})

t.test('no rights are a list, and an error is none', async t => {
  t.strictSame(parseListing('User mallory is not allowed to run sudo on pve.\n')?.rules, [])
  t.equal(parseListing('sudo: unknown user nosuch\n'), undefined)
  t.equal(parseListing(''), undefined)
})
