import { parsePolicy } from '@broker/privexec'
import { connect } from '@broker/proxmox'
import t from 'tap'
import { parseConfig } from '../../src/config/load.ts'
import { applySteps } from '../../src/setup/apply.ts'
import { planSetup } from '../../src/setup/plan.ts'
import { privilegesOf } from '../../src/setup/privileges.ts'
import { scriptOf, viewOf } from '../../src/setup/script.ts'
import { planUndo } from '../../src/setup/undo.ts'
import { freshNode, paperMachine, tokenOn } from './support.ts'

const undoing = { pool: 'appstore', user: 'appstore@pve', purge: false }

t.test('a fresh node is set up in one run, and the second has nothing to do', async t => {
  const { lab, admin, options } = await freshNode(t)
  const machine = paperMachine()
  const plan = await planSetup(admin, machine, options)
  t.ok(plan.every(({ wasDone }) => !wasDone))
  const before = lab.requests.length
  t.equal(lab.requests.slice(0, before).filter(({ method }) => method !== 'GET').length, 0, 'a plan changes nothing')
  await applySteps({ proxmox: admin, machine }, plan)
  const again = await planSetup(admin, machine, options)
  t.same(
    again.filter(({ wasDone }) => !wasDone).map(({ title }) => title),
    [],
  )
  const { id, secret } = tokenOn(machine)
  t.match(machine.files.get('/etc/appstore/token'), { mode: 0o640, uid: 0, gid: 990 })
  t.match(machine.files.get('/etc/appstore/config.yml'), { mode: 0o640, uid: 0, gid: 990 })
  const store = await connect({ url: lab.url, token: { id, secret }, tls: { fingerprint: lab.fingerprint } })
  t.teardown(() => store.close())
  const rights = await store.access.permissions({})
  t.same(Object.keys(rights['/pool/appstore'] ?? {}).sort(), privilegesOf('AppStoreGuests'))
  t.same(Object.keys(rights['/storage/local'] ?? {}).sort(), privilegesOf('AppStoreStorage'))
  t.same(Object.keys(rights['/sdn/zones/localnetwork/vmbr0'] ?? {}), ['SDN.Use'])
  t.equal(rights['/vms'] ?? rights['/'], undefined)
})

t.test('configuration and policy are such that their own readers take them', async t => {
  const { admin, options } = await freshNode(t)
  for (const transport of ['daemon', 'sudo'] as const) {
    const machine = paperMachine()
    const plan = await planSetup(admin, machine, { ...options, transport })
    const [policy] = plan.flatMap(({ changes }) =>
      changes
        .flatMap(change => (change.kind === 'run' ? change.argv : []))
        .flatMap(word => (typeof word === 'object' && word.name === 'appstore.yaml' ? [word.text] : [])),
    )
    t.match(await parsePolicy(policy ?? ''), {
      name: 'appstore',
      principal: { name: 'appstore', service: true },
    })
    t.equal(policy?.includes('guard:'), transport === 'daemon')
    const [config] = plan.flatMap(({ changes }) =>
      changes
        .flatMap(change => (change.kind === 'run' ? change.argv : []))
        .flatMap(word => (typeof word === 'object' && word.name === 'config.yml' ? [word.text] : [])),
    )
    t.match(parseConfig(config ?? '', 'config.yml'), {
      pool: 'appstore',
      proxmox: { tokenFile: '/etc/appstore/token' },
    })
  }
})

t.test('what somebody changed is set right: rights too many and too few, a lost token', async t => {
  const { lab, admin, options } = await freshNode(t)
  const machine = paperMachine()
  await applySteps({ proxmox: admin, machine }, await planSetup(admin, machine, options))
  await admin.access.setAcl({
    path: '/vms' as never,
    roles: ['AppStoreGuests' as never],
    users: ['appstore@pve' as never],
  })
  const acl = lab.state.acl
  lab.state.acl = acl.filter(({ path }) => path !== '/storage/local')
  lab.state.roles.AppStoreBridge = []
  machine.files.delete('/etc/appstore/token')
  const plan = await planSetup(admin, machine, options)
  t.match(
    plan.filter(({ wasDone }) => !wasDone).map(({ title }) => title),
    [/AppStoreBridge/, /token/, /rights/],
  )
  await applySteps({ proxmox: admin, machine }, plan)
  t.ok((await planSetup(admin, machine, options)).every(({ wasDone }) => wasDone))
  t.notOk(lab.state.acl.some(({ path }) => path === '/vms'))
  machine.files.delete('/etc/appstore/token')
  const renewal = await planSetup(admin, machine, options)
  t.match(
    renewal.filter(({ wasDone }) => !wasDone).map(({ title }) => title),
    [/token/, /rights/],
  )
  await applySteps({ proxmox: admin, machine }, renewal)
  t.ok(lab.state.acl.some(({ who, path }) => who === 'appstore@pve!store' && path === '/pool/appstore'))
})

t.test('what is in the way, or is not there, is named before anything is changed', async t => {
  const { lab, admin, options } = await freshNode(t)
  const machine = paperMachine()
  const refused = (given: object, code: string, field: string) =>
    t.rejects(planSetup(admin, machine, { ...options, ...given }), { code, field })
  await refused({ url: 'http://pve:8006' }, 'APPSTORE_INPUT_INVALID', 'url')
  await refused({ pool: 'a/b' }, 'APPSTORE_INPUT_INVALID', 'pool')
  await refused({ user: 'root@pam' }, 'APPSTORE_INPUT_INVALID', 'user')
  await refused({ range: '20-10' }, 'APPSTORE_INPUT_INVALID', 'range')
  await refused({ range: '100-999999999' }, 'APPSTORE_INPUT_INVALID', 'range')
  await refused({ storages: [] }, 'APPSTORE_INPUT_INVALID', 'storage')
  await refused({ storages: ['none'] }, 'APPSTORE_INPUT_INVALID', 'storage')
  await refused({ storages: ['local-zfs'] }, 'APPSTORE_INPUT_INVALID', 'storage')
  await refused({ bridges: ['vmbr9'] }, 'APPSTORE_INPUT_INVALID', 'bridge')
  await refused({ user: 'other@pve' }, 'APPSTORE_EXISTS', 'user')
  lab.addForeignGuest({ vmid: 20_007, hostname: 'theirs', pool: 'theirs' })
  await refused({}, 'APPSTORE_FOREIGN', 'range')
  await refused({ pool: 'theirs' }, 'APPSTORE_FOREIGN', 'pool')
  t.same(machine.ran, [])
  t.same(
    lab.requests.filter(({ method }) => method !== 'GET'),
    [],
  )
})

t.test('a configuration and a policy of somebody else stay as they are', async t => {
  const { admin, options } = await freshNode(t)
  const machine = paperMachine()
  const file = { mode: 0o640, uid: 0, gid: 0 }
  const config = `pool: other\nproxmox: { url: "https://pve:8006", token_file: /etc/x, insecure: true }\n`
  machine.files.set('/etc/appstore/config.yml', { ...file, text: config })
  await t.rejects(planSetup(admin, machine, options), { code: 'APPSTORE_EXISTS', field: 'pool' })
  machine.files.delete('/etc/appstore/config.yml')
  machine.files.set('/etc/privexec/policies.d/appstore.yaml', { ...file, text: 'policy: appstore\n' })
  await t.rejects(planSetup(admin, machine, options), { code: 'APPSTORE_EXISTS' })
})

t.test('others than root change nothing, and a step that fails says what was done before', async t => {
  const { lab, admin, options } = await freshNode(t)
  const machine = paperMachine()
  machine.isRoot = false
  const plan = await planSetup(admin, machine, options)
  await t.rejects(applySteps({ proxmox: admin, machine }, plan), { code: 'APPSTORE_FORBIDDEN' })
  machine.isRoot = true
  const broken = { ...machine, run: async () => ({ exitCode: 1, stdout: '', stderr: 'full\u0007' }) }
  await t.rejects(applySteps({ proxmox: admin, machine: broken }, plan), {
    code: 'APPSTORE_PROGRAM_FAILED',
    message: /nothing was changed before.*useradd.*ended with 1: .*full\\/,
  })
  t.same(
    lab.requests.filter(({ method }) => method !== 'GET'),
    [],
  )
})

t.test('an undo takes all back that the setup made, and leaves what others made', async t => {
  const { lab, admin, options } = await freshNode(t)
  const machine = paperMachine()
  const before = JSON.stringify([lab.state.users, lab.state.roles, lab.state.acl, lab.state.pools])
  await applySteps({ proxmox: admin, machine }, await planSetup(admin, machine, options))
  t.match((await planUndo(admin, machine, { ...undoing, user: 'other@pve', pool: 'theirs' })).left, [
    /other@pve/,
    /AppStoreGuests/,
  ])
  const { steps, left } = await planUndo(admin, machine, undoing)
  t.match(left, [/\/var\/lib\/appstore/])
  await applySteps({ proxmox: admin, machine }, steps)
  t.equal(JSON.stringify([lab.state.users, lab.state.roles, lab.state.acl, lab.state.pools]), before)
  t.same([...machine.files.keys()], ['/etc/appstore', '/var/lib/appstore'])
  t.equal(machine.isInForce, false)
  t.ok((await planUndo(admin, machine, undoing)).steps.every(({ wasDone }) => wasDone))
  await applySteps({ proxmox: admin, machine }, (await planUndo(admin, machine, { ...undoing, purge: true })).steps)
  t.same([...machine.files.keys()], [])
  t.equal(machine.hasAccount, false)
})

t.test('a pool with guests is not removed', async t => {
  const { lab, admin, options } = await freshNode(t)
  const machine = paperMachine()
  await applySteps({ proxmox: admin, machine }, await planSetup(admin, machine, options))
  lab.addForeignGuest({ vmid: 20_001, hostname: 'box', pool: 'appstore' })
  const { steps, left } = await planUndo(admin, machine, undoing)
  t.match(left[0], /pool appstore, which has 1 members/)
  t.notOk(steps.some(({ title }) => /pool/.test(title)))
})

t.test('the script has every change, and the secret of the token is in none', async t => {
  const { admin, options } = await freshNode(t)
  const machine = paperMachine()
  const plan = await planSetup(admin, machine, options)
  const script = scriptOf(plan)
  for (const line of plan.map(viewOf).flatMap(({ changes }) => changes)) t.ok(script.includes(line), line)
  t.match(script, /^pvesh create \/pools --poolid appstore --comment 'Made by appstore setup' >\/dev\/null$/m)
  t.match(
    script,
    /^pvesh set \/access\/acl --path \/pool\/appstore --roles AppStoreGuests --users appstore@pve --tokens 'appstore@pve!store' --propagate 1/m,
  )
  t.match(script, /^secret=\$\(pvesh create \/access\/users\/appstore@pve\/token\/store/m)
})
