import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { connect } from '@broker/proxmox'
import { type LabOptions, startLab } from '@broker/proxmox-lab'
import t from 'tap'
import { PrivexecError } from '../../../../packages/privexec/src/index.ts'
import { identityOf } from '../../src/api/certificate.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Finding } from '../../src/contract.ts'
import { databaseFinding } from '../../src/doctor/database.ts'
import { hostDoctor } from '../../src/doctor/doctor.ts'
import { validity } from '../../src/doctor/files.ts'
import { doctorHere } from '../../src/doctor/here.ts'
import { excess, lacking } from '../../src/doctor/rights.ts'
import { AppstoreError } from '../../src/errors/error.ts'
import { needed } from '../../src/setup/privileges.ts'
import { configText } from '../support/shop.ts'
import { type Test, temporaryDirectory } from '../support/store.ts'

/** What `pct` says of a guest that is not there, through the library. */
const noGuest = () => {
  const cause = new PrivexecError('PRIVEXEC_PROGRAM_FAILED', 'pct.exec failed', { failure: 'noSuchContainer' })
  return Promise.reject(new AppstoreError('APPSTORE_PRIVILEGED_FAILED', 'no such guest', { cause }))
}

/** A host whose parts are all in order, and its doctor. */
async function host(t: Test, options: Partial<LabOptions> = {}) {
  const directory = temporaryDirectory(t)
  const state = join(directory, 'state')
  mkdirSync(state, { mode: 0o700 })
  mkdirSync(join(directory, 'catalog'))
  const lab = await startLab({ directory: join(directory, 'lab'), ...options })
  t.teardown(() => lab.stop())
  writeFileSync(join(state, 'token'), `${lab.tokenId}=${lab.tokenSecret}`, { mode: 0o600 })
  const file = join(directory, 'config.yml')
  writeFileSync(file, configText(lab, state, join(directory, 'catalog')), { mode: 0o640 })
  await identityOf(state, ['localhost'])
  const proxmox = await connect({
    url: lab.url,
    token: { id: lab.tokenId, secret: lab.tokenSecret },
    tls: { fingerprint: lab.fingerprint },
  })
  t.teardown(() => proxmox.close())
  const config = loadConfig(file)
  const doctor = (exec: () => Promise<never> = noGuest, range = { from: 20_000, to: 20_009 }) =>
    hostDoctor(config, { proxmox, range, guestDoor: () => ({ exec, push: noGuest }) })()
  return { directory, state, file, lab, doctor }
}

const faults = (found: readonly Finding[]): Finding[] => found.filter(({ state }) => state !== 'ok')

t.test('a host that is in order has no findings but good ones, and nothing is changed', async t => {
  const { doctor, lab } = await host(t)
  const found = await doctor()
  t.same(faults(found), [])
  t.same(
    [...new Set(found.map(({ check }) => check))].sort(),
    'bridge,certificate,clock,config,policy,pool,privileged,proxmox,range,rights,state,storage,template,token'.split(
      ',',
    ),
  )
  t.same([...new Set(lab.requests.map(({ method }) => method))], ['GET'])
})

t.test('files that others may read or write are found', async t => {
  const { doctor, state, file } = await host(t)
  chmodSync(join(state, 'token'), 0o644)
  chmodSync(file, 0o666)
  chmodSync(state, 0o755)
  t.match(faults(await doctor()), [
    { check: 'config', state: 'failed', text: /written by others/, fix: `chmod 0644 ${file}` },
    { check: 'token', state: 'failed', text: /read by others/ },
    { check: 'state', state: 'failed', fix: `chmod 0750 ${state}` },
  ])
})

t.test('a group may read the state when it is the own one of the account', async t => {
  const { doctor, state } = await host(t)
  chmodSync(state, 0o750)
  t.strictSame(faults(await doctor()), [])
  if (process.getuid?.() !== 0) return
  chownSync(state, 0, 12_345)
  t.match(faults(await doctor()), [
    { check: 'state', state: 'failed', text: /read by others/, fix: `chmod 0700 ${state}` },
  ])
})

t.test('each privilege that the token lacks is named, with what fails without it', async t => {
  const have = { '/pool/appstore': {}, '/storage/local': {}, '/sdn/zones/localnetwork/vmbr0': {} }
  t.equal(lacking(have, 'appstore').length, needed.length)
  const { doctor } = await host(t, { privileges: needed.map(({ name }) => name).filter(name => name !== 'VM.Backup') })
  t.match(faults(await doctor()), [
    { check: 'rights', state: 'failed', text: 'Without VM.Backup on /pool/appstore the store cannot back up a guest' },
  ])
})

t.test('rights that reach further than the pool are found', async t => {
  const all = { 'VM.Audit': true, 'Sys.Modify': true }
  t.match(excess({ '/': all }, 'appstore'), [{ state: 'warning', text: /Sys\.Modify on \/$/ }])
  t.match(excess({ '/pool/other': { 'VM.Audit': true } }, 'appstore'), [{ text: /\/pool\/other: guests of others/ }])
  t.same(excess({ '/pool/appstore': { 'VM.Audit': true }, '/vms/20001': { 'VM.Audit': true } }, 'appstore'), [])
})

t.test('a pool, storages and bridges that are not there are found', async t => {
  const { doctor } = await host(t, { pool: 'other', grantStorages: [], grantBridges: [] })
  const found = faults(await doctor())
  for (const check of ['pool', 'storage', 'bridge', 'rights', 'template'])
    t.match(found.find(finding => finding.check === check)?.state, 'failed', check)
})

t.test('a range that is full is found', async t => {
  const foreignGuests = [{ vmid: 20_000, hostname: 'own', pool: 'appstore' }]
  const { doctor } = await host(t, { foreignGuests })
  const found = faults(await doctor(noGuest, { from: 20_000, to: 20_000 }))
  t.match(found, [
    { check: 'range', state: 'failed' },
    { check: 'privileged', state: 'skipped' },
  ])
})

t.test('privileged commands that are refused are found, with what to do', async t => {
  const { doctor } = await host(t)
  const cause = new PrivexecError('PRIVEXEC_SUDO_REFUSED', 'sudo refused')
  const found = await doctor(() => Promise.reject(new AppstoreError('APPSTORE_PRIVILEGED_REFUSED', 'No', { cause })))
  t.match(faults(found), [{ check: 'privileged', state: 'failed', text: 'No', fix: cause.advice }])
})

t.test('a node that answers with errors is found, and the other checks go on', async t => {
  const { doctor, lab } = await host(t)
  lab.faults.add({ match: { path: '/version' }, kind: 'status 401', times: 10 })
  lab.faults.add({ match: { path: '/access/permissions' }, kind: 'status 403', times: 10 })
  const found = faults(await doctor())
  t.match(
    found.map(({ check, state }) => `${check} ${state}`),
    ['proxmox failed', 'rights failed'],
  )
})

t.test('a certificate that ends soon, has ended, or is of the future is found', async t => {
  const now = Date.UTC(2026, 0, 1)
  const day = 86_400_000
  t.match(validity('x', now - day, now + 60 * day, now), { state: 'ok' })
  t.match(validity('x', now - day, now + 20 * day, now), { state: 'warning' })
  t.match(validity('x', now - day, now - 1, now), { state: 'failed', text: /was valid until/ })
  t.match(validity('x', now + 1, now + 60 * day, now), { state: 'failed', text: /not valid yet/ })
})

t.test('a damaged database is found', async t => {
  const database = new DatabaseSync(':memory:')
  t.match(databaseFinding(database), { state: 'ok' })
  database.close()
  t.match(databaseFinding(database), { state: 'failed' })
})

t.test('without a daemon, what keeps it from starting is told', async t => {
  const { file, lab } = await host(t)
  t.match(await doctorHere(`${file}.none`), [{ check: 'config', state: 'failed', text: /cannot be read/ }])
  await lab.stop()
  const found = faults(await doctorHere(file))
  t.match(found, [{ check: 'surroundings', state: 'failed' }])
})
