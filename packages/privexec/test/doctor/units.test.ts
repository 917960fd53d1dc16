import t from 'tap'
import { unitsCheck } from '../../src/doctor/units.ts'
import { renderService } from '../../src/render/units/service.ts'
import { contextOf, messages } from './support/context.ts'
import { byDaemon, contextFor } from './support/installation.ts'

const folder = '/etc/systemd/system'
const service = `${folder}/privexecd-appstore.service`
const socket = `${folder}/privexecd-appstore.socket`
const look = async (changes: Parameters<typeof contextFor>[1] = {}) => unitsCheck(await contextFor(byDaemon, changes))

t.test('units as they were rendered are well, whichever Node runs the broker', async t => {
  t.match(await look(), [{ level: 'ok', message: /are what the policy renders to/ }])
  const text = renderService(byDaemon, '/opt/node-24/bin/node')
  t.match(await look({ [service]: text }), [{ level: 'ok' }])
})

t.test('an edited, missing or foreign unit is an error', async t => {
  const text = renderService(byDaemon).replace('ProtectSystem=strict', 'ProtectSystem=no')
  const at = text.split('\n').indexOf('ProtectSystem=no') + 1
  t.match(messages(await look({ [service]: text }), 'error'), [new RegExp(`first difference is in line ${at}$`)])
  t.match(messages(await look({ [service]: `${renderService(byDaemon)}User=root\n` }), 'error'), [/is not what/])
  t.match(messages(await look({ [service]: renderService(byDaemon).replace('idle 60', 'idle 99') }), 'error'), [
    /is not/,
  ])
  t.match(messages(await look({ [socket]: undefined }), 'error'), [/privexecd-appstore\.socket does not exist/])
  const theirs = { text: renderService(byDaemon), uid: 7 }
  t.match(messages(await look({ [service]: theirs }), 'error'), [/belongs to the account 7/])
  const tmpfiles = '/etc/tmpfiles.d/privexec-appstore.conf'
  t.match(messages(await look({ [tmpfiles]: 'd /run/privexec/appstore 0777 root root -\n' }), 'error'), [/is not what/])
})

t.test('an installed profile is compared, and one that is not installed is not missed', async t => {
  const profile = '/etc/apparmor.d/privexecd-appstore'
  t.match(messages(await look({ [profile]: 'profile privexecd-appstore {}\n' }), 'error'), [/is not what/])
})

t.test('what weakens a unit from beside it, or keeps it from starting, is a warning', async t => {
  const override = `${service}.d/override.conf`
  t.match(messages(await look({ [override]: '[Service]\n' }), 'warning'), [/override\.conf changes the unit/])
  const wants = `${folder}/sockets.target.wants/privexecd-appstore.socket`
  t.match(messages(await look({ [wants]: undefined }), 'warning'), [/is not enabled/])
})

t.test('a machine without systemd is a note', async t => {
  t.match(await unitsCheck(contextOf({}, { policy: byDaemon })), [{ level: 'note', message: /There is no/ }])
})
