import t from 'tap'
import { transportCheck } from '../../src/doctor/transport.ts'
import { appstore, messages } from './support/context.ts'
import { byDaemon, contextFor, portable } from './support/installation.ts'

t.test('a machine that offers the transport of the policy alone is well', async t => {
  for (const policy of [byDaemon, portable, appstore]) {
    const list = await transportCheck(await contextFor(policy))
    t.match(list, [{ level: 'ok', message: new RegExp(`offers the transport ${policy.transport} `) }])
  }
})

t.test('a second way to root is a warning, whichever it is', async t => {
  const dropIn = '/etc/sudoers.d/privexec_appstore'
  const unit = '/etc/systemd/system/privexecd-appstore.socket'
  const socket = '/run/privexec/appstore/socket'
  const program = '/usr/libexec/privexec/call-appstore'
  const warnings = async (policy: typeof appstore, path: string) =>
    messages(await transportCheck(await contextFor(policy, { [path]: 'there' })), 'warning')
  t.match(await warnings(byDaemon, dropIn), [/for the transport daemon, but .*privexec_appstore is there/])
  t.match(await warnings(byDaemon, program), [/call-appstore is there/])
  t.match(await warnings(appstore, unit), [/for the transport sudo, but privexecd-appstore\.socket is there/])
  t.match(await warnings(appstore, socket), [/\/run\/privexec\/appstore\/socket is there/])
  t.match(await warnings(appstore, program), [/call-appstore is there/])
})
