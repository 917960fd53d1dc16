import t from 'tap'
import { accountsOf, mostAccounts } from '../../src/doctor/accounts.ts'
import { pretend } from './support/machine.ts'

const passwd = [
  'root:x:0:0::/root:/bin/sh',
  'alice:x:1001:1001::/home/alice:/bin/sh',
  'bob:x:1002:994::/home/bob:/bin/sh',
]

const machine = pretend({
  run: ([file, ...args]) => {
    const name = args.at(-1)
    if (file === '/usr/bin/id') return args[0] === '-G' ? '1001 994\n' : 'alice pgd\n'
    if (args[0] === 'group') return name === 'pgd' ? 'pgd:x:994:alice\n' : { exitCode: 2 }
    if (args.length === 1) return `${passwd.join('\n')}\n`
    return passwd.find(line => line.startsWith(`${name}:`)) ?? { exitCode: 2 }
  },
})

t.test('the members of a group are those that it lists and those whose own group it is', async t => {
  const { accounts, group } = await accountsOf({ kind: 'group', name: 'pgd', service: false }, machine)
  t.strictSame(accounts.map(({ name }) => name).sort(), ['alice', 'bob'])
  t.equal(group, 994)
})

t.test('an account has its groups by name and by id', async t => {
  const { accounts, group } = await accountsOf({ kind: 'user', name: 'alice', service: true }, machine)
  t.strictSame(accounts, [{ name: 'alice', uid: 1001, gid: 1001, groups: ['alice', 'pgd'], groupIds: [1001, 994] }])
  t.equal(group, 1001)
})

t.test('a principal that does not exist is a problem, and so are too many members', async t => {
  for (const kind of ['user', 'group'] as const) {
    const { accounts, problem } = await accountsOf({ kind, name: 'nosuch', service: false }, machine)
    t.strictSame(accounts, [])
    t.match(problem, /nosuch/)
  }
  const many = Array.from({ length: mostAccounts + 7 }, (_, at) => `u${at}`)
  const crowd = pretend({
    run: ([, ...args]) => {
      if (args[0] === 'group') return `pgd:x:994:${many.join(',')}\n`
      return args.length > 1 ? `${args.at(-1)}:x:${1000 + many.indexOf(args.at(-1) ?? '')}:1:::\n` : ''
    },
  })
  const { accounts, problem } = await accountsOf({ kind: 'group', name: 'pgd', service: false }, crowd)
  t.equal(accounts.length, mostAccounts)
  t.match(problem, /^7 more members/)
})
