import t from 'tap'
import { socketCheck } from '../../src/doctor/socket.ts'
import { contextOf, messages, service } from './support/context.ts'
import { byDaemon, contextFor } from './support/installation.ts'

const folder = '/run/privexec/appstore'
const socket = `${folder}/socket`
const look = async (changes: Parameters<typeof contextFor>[1] = {}, more = {}) =>
  socketCheck(await contextFor(byDaemon, changes, more))
const errors = async (changes: Parameters<typeof contextFor>[1]) => messages(await look(changes), 'error')

t.test('a socket of root’s for the group of the principal is well', async t => {
  t.match(await look(), [{ level: 'ok', message: /0660, and only the group appstore reaches it/ }])
})

t.test('each wrong owner, group, mode and kind is an error', async t => {
  const good = { kind: 'other', mode: 0o660, gid: 995 } as const
  t.match(await errors({ [socket]: { ...good, uid: 7 } }), [/socket belongs to the account 7/])
  t.match(await errors({ [socket]: { ...good, gid: 9 } }), [/socket has the group 9, not 995/])
  t.match(await errors({ [socket]: { ...good, mode: 0o666 } }), [/mode 0666, which is more than 0660/])
  t.match(await errors({ [socket]: { ...good, kind: 'file' } }), [/is not a socket/])
  t.match(await errors({ [folder]: { kind: 'directory', mode: 0o755, gid: 995 } }), [/0755, which is more than 0750/])
  t.match(await errors({ [folder]: { kind: 'directory', mode: 0o750 } }), [/has the group 0, not 995/])
  t.match(await errors({ '/run/privexec': { kind: 'directory', mode: 0o777 } }), [/may be written by everybody/])
  t.match(await errors({ [socket]: undefined }), [/socket does not exist, so nobody can ask/])
  t.match(messages(await look({ [socket]: { ...good, mode: 0o600 } }), 'warning'), [/mode 0600, not 0660/])
})

t.test('a principal outside of the group, or no such group, is an error', async t => {
  const alone = { ...service, groups: ['nogroup'] }
  t.match(messages(await look({}, { accounts: [alone] }), 'error'), [/appstore is not in the group appstore/])
  const without = contextOf({ run: () => ({ exitCode: 2 }) }, { policy: byDaemon })
  t.match(messages(await socketCheck(without), 'error'), [/There is no group appstore/])
})

t.test('others who may knock are named, and where the principal is a group they are meant', async t => {
  const context = await contextFor(byDaemon)
  const run = async () => ({ exitCode: 0, stdout: 'appstore:x:995:appstore,mallory\n', stderr: '' })
  const crowd = { ...context, machine: { ...context.machine, run } }
  t.match(messages(await socketCheck(crowd), 'note'), [
    /^mallory may open the socket by the group appstore; the broker/,
  ])
  const policy = { ...byDaemon, principal: { kind: 'group', name: 'appstore', service: false } as const }
  t.same(messages(await socketCheck({ ...crowd, policy }), 'note'), [])
})
