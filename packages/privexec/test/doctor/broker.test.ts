import { createHash } from 'node:crypto'
import t from 'tap'
import { brokerCheck } from '../../src/doctor/broker.ts'
import { shippedBroker } from '../../src/render/programs.ts'
import { messages } from './support/context.ts'
import { byDaemon, contextFor, portable } from './support/installation.ts'

const privexecd = '/usr/libexec/privexec/privexecd'
const json = '/etc/privexec/policies.d/appstore.json'
const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const errors = async (changes: Parameters<typeof contextFor>[1], policy = byDaemon) =>
  messages(await brokerCheck(await contextFor(policy, changes)), 'error')

t.test('the digest of the installed broker is told, and that it is the one of this package', async t => {
  const list = await brokerCheck(await contextFor(byDaemon))
  t.same(messages(list, 'error'), [])
  t.match(messages(list, 'ok'), [`is the one of this package, SHA-256 ${digest('root-side broker')}`, json])
})

t.test('another broker than this package’s, or none, is an error', async t => {
  const found = await errors({ [privexecd]: { text: 'another', mode: 0o755 } })
  t.match(found, [new RegExp(`SHA-256 ${digest('another')}, and this package's ${digest('root-side broker')}`)])
  t.match(await errors({ [privexecd]: undefined }), [/privexecd cannot be read \(ENOENT\)/])
  const unbuilt = await brokerCheck(await contextFor(byDaemon, { [shippedBroker]: undefined }))
  t.match(messages(unbuilt, 'note'), [/has the SHA-256 [0-9a-f]{64}; this package has none/])
})

t.test('a Node that somebody else could replace is an error', async t => {
  const open = { kind: 'directory', mode: 0o777 } as const
  t.match(await errors({ '/usr/bin': open }), [/\/usr\/bin may be written by everybody, on the way to the Node/])
  t.match(await errors({ '/usr/bin/node': { mode: 0o755, uid: 7 } }), [/belongs to the account 7/])
  t.match(await errors({ '/usr/bin': open }, portable), [/\/usr\/bin may be written by everybody/])
})

t.test('the policy that root reads must be what the policy says, and root’s', async t => {
  t.match(await errors({ [json]: undefined }), [/appstore\.json cannot be read \(ENOENT\)/])
  t.match(await errors({ [json]: '{}\n' }), [/appstore\.json is not what .*appstore\.yaml says/])
  const theirs = await errors({ '/etc/privexec/policies.d': { kind: 'directory', mode: 0o775, gid: 9 } })
  t.match(theirs, [/policies\.d may be written by the group 9, on the way to/])
})

t.test('an edited program of the portable transport is an error', async t => {
  const path = '/usr/libexec/privexec/call-pgd'
  t.same(await errors({}, portable), [])
  const options = '--disallow-code-generation-from-strings --disable-proto=delete --disable-sigusr1'
  t.match(await errors({ [path]: `#!/bin/sh\nexec /usr/bin/node ${options} $@\n` }, portable), [/call-pgd was edited/])
})
