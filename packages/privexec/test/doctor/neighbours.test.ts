import t from 'tap'
import { neighboursCheck } from '../../src/doctor/neighbours.ts'
import { contextOf, messages } from './support/context.ts'

/** A machine whose sudoers files hold what cvtsudoers would print of them. */
const look = (files: Record<string, object | string>) => {
  const texts = Object.entries(files).map(([name, json]) => [
    `/etc/sudoers.d/${name}`,
    typeof json === 'string' ? json : JSON.stringify(json),
  ])
  const all = { '/etc/sudoers': '@includedir /etc/sudoers.d\n', ...Object.fromEntries(texts) }
  const run = (_argv: readonly string[], input: string) =>
    input.startsWith('bad') ? { exitCode: 1, stderr: 'stdin:3:9: syntax error\nbad\n  ^\n' } : input.trim()
  return neighboursCheck(contextOf({ files: all, run }))
}

const ours = { Defaults: [{ Binding: [{ cmndalias: 'PRIVEXEC_APPSTORE' }], Options: [{ setenv: false }] }] }
const rule = (user: object, command: object) => ({
  User_Specs: [{ User_List: [user], Cmnd_Specs: [{ Commands: [command] }] }],
})

t.test('rules of others, and settings of others, are nothing', async t => {
  const list = await look({
    privexec_appstore: ours,
    zz: {
      ...rule({ usergroup: 'sudo' }, { command: 'ALL' }),
      Defaults: [{ Binding: [{ username: 'bob' }], Options: [{ requiretty: true }] }],
    },
  })
  t.strictSame(
    list.map(({ level }) => level),
    ['ok'],
  )
})

t.test('a later rule for the principal is an error, by name, id, group, alias or ALL', async t => {
  const users = [
    { username: 'appstore' },
    { userid: 995 },
    { usergid: 995 },
    { usergroup: 'appstore' },
    { username: 'ALL' },
    { useralias: 'A' },
  ]
  for (const user of users) {
    const aliases = { User_Aliases: { A: [{ username: 'x' }, { username: 'appstore' }] } }
    const list = await look({ privexec_appstore: ours, zz: { ...aliases, ...rule(user, { command: 'ALL' }) } })
    t.match(messages(list, 'error'), [/zz is read after the drop-in/], JSON.stringify(user))
  }
  const negated = {
    User_Specs: [
      {
        User_List: [{ username: 'ALL' }, { username: 'appstore', negated: true }],
        Cmnd_Specs: [{ Commands: [{ command: 'ALL' }] }],
      },
    ],
  }
  t.strictSame(messages(await look({ privexec_appstore: ours, zz: negated }), 'error'), [])
})

t.test('an earlier rule, or one for other commands, is a note: the check of rights judges it', async t => {
  const early = await look({ aa: rule({ username: 'appstore' }, { command: 'ALL' }), privexec_appstore: ours })
  const other = await look({
    privexec_appstore: ours,
    zz: rule({ username: 'appstore' }, { command: '/usr/bin/id -un' }),
  })
  for (const list of [early, other]) {
    t.strictSame(messages(list, 'error'), [])
    t.match(messages(list, 'note'), [/has a rule for the principal/])
  }
})

t.test('a broken neighbour is a warning, and a broken drop-in an error', async t => {
  t.match(messages(await look({ privexec_appstore: ours, zz: 'bad' }), 'warning'), [
    /zz: sudo cannot read it \("3:9: syntax error"\)/,
  ])
  t.match(messages(await look({ privexec_appstore: 'bad' }), 'error'), [/privexec_appstore: sudo cannot read it/])
})

t.test('what cannot be read or converted is not called well', async t => {
  const list = await neighboursCheck(contextOf({ files: { '/etc/sudoers': '' } }))
  t.strictSame(
    list.map(({ level }) => level),
    ['note'],
  )
  t.strictSame(
    (await neighboursCheck(contextOf({}))).map(({ level }) => level),
    ['note'],
  )
})
