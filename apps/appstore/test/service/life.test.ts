import t from 'tap'
import { AppstoreError } from '../../src/errors/error.ts'
import type { Job } from '../../src/model/job.ts'
import { manifest, openShop, rich, type Shop, writeApp } from '../support/shop.ts'

const who = { principal: 'alice' }

async function done({ shop }: Shop, job: Promise<Job> | Job): Promise<Job> {
  return shop.jobs.finished((await job).id)
}

const guestsOf = ({ lab }: Shop): readonly string[] => Object.keys(lab.state.guests).sort()

const request = { name: 'box', apps: [{ app: 'rich', inputs: { password: 'canary-9d1e' } }] }

async function installed(shop: Shop, given: object = request): Promise<void> {
  const { consent } = await shop.shop.installs.plan(given as never)
  const job = await done(shop, shop.shop.installs.install({ ...given, consent: consent.hash } as never, who))
  if (job.state !== 'succeeded') throw new Error(JSON.stringify(job.failure))
}

t.test('an install makes a guest that is ours, with its volume, and runs the script with the secret', async t => {
  const shop = await openShop(t)
  await installed(shop)
  const view = await shop.shop.installs.get('box')
  t.match(view, { status: 'active', vmid: 20_000, live: { state: 'running' }, secrets: ['rich/password'] })
  t.match(view.volumes, [{ name: 'data', slot: 'mp0', volumeId: /^local-zfs:/ }])
  t.match(shop.script.calls, [
    { action: 'install', inputs: { port: 8080, password: 'canary-9d1e' } },
    { action: 'healthcheck' },
  ])
  const config = shop.lab.state.guests['20000']?.config
  t.match(config?.tags, /appstore;managed/)
  t.match(config?.description, new RegExp(`appstore: install=${view.id} store=\\w{26} role=app`))
  t.match(config?.mp0, /mp=\/srv\/data/)
  t.match(config?.mp0, /backup=1/)
  t.equal(await shop.shop.installs.secret('box', 'rich/password', who), 'canary-9d1e')
})

t.test('a plan is what is then sent, but for what only looks', async t => {
  const shop = await openShop(t)
  const plan = await shop.shop.installs.plan(request)
  t.notMatch(JSON.stringify(plan), 'canary')
  const before = shop.lab.requests.length
  await installed(shop)
  const sent = shop.lab.requests.slice(before).filter(({ method }) => method !== 'GET')
  t.same(
    sent.map(({ method, path }) => `${method} ${path}`),
    plan.actions.filter(({ kind }) => kind === 'api').map(({ action }) => action),
  )
})

t.test('what the app asks for has to be agreed to, and a name is given once', async t => {
  const shop = await openShop(t)
  await t.rejects(shop.shop.installs.install(request, who), { code: 'APPSTORE_CONSENT_REQUIRED' })
  await installed(shop)
  await t.rejects(shop.shop.installs.install(request, who), { code: 'APPSTORE_EXISTS', field: 'name' })
})

t.test('the same idempotency key gives the same job', async t => {
  const shop = await openShop(t)
  const { hash } = (await shop.shop.installs.plan(request)).consent
  const first = await shop.shop.installs.install({ ...request, consent: hash }, { ...who, idempotencyKey: 'k' })
  const second = await shop.shop.installs.install({ ...request, consent: hash }, { ...who, idempotencyKey: 'k' })
  t.equal(second.id, first.id)
  await done(shop, first)
  t.equal(guestsOf(shop).length, 1)
})

t.test('inputs, places and apps that are not of their kind are refused, with the field', async t => {
  const shop = await openShop(t)
  const refused = (given: object, code: string, field: string) =>
    t.rejects(shop.shop.installs.plan({ ...request, ...given } as never), { code, field })
  await refused({ apps: [{ app: 'none' }] }, 'APPSTORE_NOT_FOUND', 'apps[0].app')
  await refused({ apps: [{ app: 'rich' }] }, 'APPSTORE_INPUT_INVALID', 'apps[0].inputs.password')
  await refused({ storage: 'elsewhere' }, 'APPSTORE_INPUT_INVALID', 'storage')
  await refused({ network: { bridge: 'vmbr9' } }, 'APPSTORE_INPUT_INVALID', 'network.bridge')
  await refused({ volumes: { other: { size: 1 } } }, 'APPSTORE_INPUT_INVALID', 'volumes.other')
  await refused({ resources: { disk: 100_000 } }, 'APPSTORE_NO_SPACE', 'storage')
  t.same(guestsOf(shop), [])
})

t.test('when the script fails nothing is left, but the log', async t => {
  const shop = await openShop(t)
  shop.script.fail.install = () => Promise.reject(new AppstoreError('APPSTORE_PROVISION_FAILED', 'no canary-9d1e here'))
  const { hash } = (await shop.shop.installs.plan(request)).consent
  const job = await done(shop, shop.shop.installs.install({ ...request, consent: hash }, who))
  t.match(job, { state: 'failed', failure: { code: 'APPSTORE_PROVISION_FAILED', message: 'no *** here', left: [] } })
  t.same(guestsOf(shop), [])
  t.same(await shop.shop.installs.list(), [])
  t.match(
    shop.shop.jobs
      .events(job.id, 0, 1000)
      .map(({ text }) => text)
      .join('\n'),
    /is destroyed/,
  )
})

t.test('a failed install is kept when that was asked for, and can be removed', async t => {
  const shop = await openShop(t)
  shop.script.fail.healthcheck = () => Promise.reject(new AppstoreError('APPSTORE_HEALTH_FAILED', 'ill'))
  const { hash } = (await shop.shop.installs.plan(request)).consent
  await done(shop, shop.shop.installs.install({ ...request, consent: hash, keepFailed: true }, who))
  t.match(await shop.shop.installs.get('box'), { status: 'failed', live: { state: 'running' } })
  await done(shop, shop.shop.installs.uninstall('box', { keep: false }, who))
  t.same(guestsOf(shop), [])
})

t.test('a cancelled install leaves nothing', async t => {
  const shop = await openShop(t)
  let reached = (): void => {}
  const there = new Promise<void>(resolve => {
    reached = resolve
  })
  shop.script.fail.install = ({ context }) =>
    new Promise((_, reject) => {
      reached()
      context.signal.addEventListener('abort', () => reject(context.signal.reason))
    })
  const { hash } = (await shop.shop.installs.plan(request)).consent
  const job = await shop.shop.installs.install({ ...request, consent: hash }, who)
  await there
  shop.shop.jobs.cancel(job.id, who)
  t.equal((await done(shop, job)).state, 'cancelled')
  t.same(guestsOf(shop), [])
})

t.test('power, reconfiguration and growth', async t => {
  const shop = await openShop(t)
  await installed(shop)
  const { installs } = shop.shop
  await done(shop, installs.stop('box', who))
  t.equal(shop.lab.state.guests['20000']?.pid, undefined)
  t.equal((await done(shop, installs.start('box', who))).state, 'succeeded')
  t.equal((await done(shop, installs.restart('box', who))).state, 'succeeded')
  const change = { resources: { cores: 2, memory: 512, disk: 5 }, inputs: { rich: { port: 9090 } } }
  t.match(await done(shop, installs.reconfigure('box', change, who)), { state: 'succeeded' })
  t.match(shop.lab.state.guests['20000']?.config, { cores: '2', memory: '512', rootfs: /size=5G/ })
  t.match(await installs.get('box'), {
    resources: { cores: 2, memory: 512, disk: 5 },
    apps: [{ inputs: { port: 9090 } }],
  })
  t.equal((await done(shop, installs.resize('box', { volume: 'data', size: 7 }, who))).state, 'succeeded')
  t.match(shop.lab.state.guests['20000']?.config.mp0, /size=7G/)
  await t.rejects(installs.resize('box', { volume: 'root', size: 1 }, who), { code: 'APPSTORE_INPUT_INVALID' })
})

t.test('a reconfiguration that fails gives back the old settings, inputs and secrets', async t => {
  const shop = await openShop(t)
  await installed(shop)
  const { installs } = shop.shop
  let fails = true
  shop.script.fail.configure = async () => {
    if (fails) {
      fails = false
      throw new AppstoreError('APPSTORE_PROVISION_FAILED', 'no')
    }
  }
  const change = { resources: { cores: 4 }, inputs: { rich: { port: 1, password: 'another-secret' } } }
  t.equal((await done(shop, installs.reconfigure('box', change, who))).state, 'failed')
  t.equal(shop.lab.state.guests['20000']?.config.cores, '1')
  t.match(shop.script.calls.at(-1), { action: 'configure', inputs: { port: 8080, password: 'canary-9d1e' } })
  t.equal(await installs.secret('box', 'rich/password', who), 'canary-9d1e')
})

t.test('an upgrade keeps the guest, and one that fails its health check is rolled back', async t => {
  const shop = await openShop(t)
  await installed(shop)
  const { installs, catalog } = shop.shop
  await t.rejects(installs.upgrade('box', { safety: 'auto' }, who), { code: 'APPSTORE_WRONG_STATE' })
  writeApp(shop.catalog, 'rich', manifest('rich', '1.1.0', rich))
  await catalog.check()
  t.match((await installs.get('box')).upgrades, [{ app: 'rich', from: '1.0.0', to: '1.1.0' }])
  shop.script.fail.healthcheck = () => Promise.reject(new AppstoreError('APPSTORE_HEALTH_FAILED', 'ill'))
  const failed = await done(shop, installs.upgrade('box', { safety: 'snapshot' }, who))
  t.match(failed, { state: 'failed', failure: { code: 'APPSTORE_HEALTH_FAILED', left: [] } })
  t.match(await installs.get('box'), { apps: [{ version: '1.0.0' }], live: { state: 'running' } })
  delete shop.script.fail.healthcheck
  t.equal((await done(shop, installs.upgrade('box', { safety: 'auto' }, who))).state, 'succeeded')
  t.match(await installs.get('box'), { vmid: 20_000, apps: [{ version: '1.1.0' }], upgrades: [] })
  t.same(Object.keys(shop.lab.state.guests['20000']?.snapshots ?? {}), [])
})

t.test('an upgrade by backup is restored from it when it fails', async t => {
  const shop = await openShop(t)
  await installed(shop)
  writeApp(shop.catalog, 'rich', manifest('rich', '2.0.0', rich))
  await shop.shop.catalog.check()
  shop.script.fail.upgrade = () => Promise.reject(new AppstoreError('APPSTORE_PROVISION_FAILED', 'no'))
  const job = await done(shop, shop.shop.installs.upgrade('box', { safety: 'backup' }, who))
  t.match(job, { state: 'failed', failure: { left: [] } })
  t.match(await shop.shop.installs.get('box'), { apps: [{ version: '1.0.0' }], live: { state: 'running' } })
})

t.test('kept volumes are moved and read back before the guest goes, and a reinstall gets them', async t => {
  const shop = await openShop(t)
  await installed(shop)
  const { installs } = shop.shop
  t.equal((await done(shop, installs.uninstall('box', { keep: true }, who))).state, 'succeeded')
  t.match(await installs.get('box'), { status: 'kept', volumes: [{ name: 'data' }] })
  t.equal(guestsOf(shop).length, 1, 'the one that holds the volume')
  const again = await done(shop, installs.reinstall('box', who))
  t.match(again, { state: 'succeeded' })
  t.match(await installs.get('box'), { status: 'active', live: { state: 'running' } })
  t.equal(guestsOf(shop).length, 1)
  t.match(Object.values(shop.lab.state.guests)[0]?.config.mp0, /mp=\/srv\/data/)
  await done(shop, installs.uninstall('box', { keep: ['data'] }, who))
  await t.rejects(installs.uninstall('box', { keep: true }, who), { code: 'APPSTORE_WRONG_STATE' })
  await done(shop, installs.uninstall('box', { keep: false }, who))
  t.same(await installs.list(), [])
  t.same(guestsOf(shop), [], 'nor is there a guest that holds volumes')
})

t.test('a guest of the pool is adopted, and one that is marked is not', async t => {
  const shop = await openShop(t)
  shop.lab.addForeignGuest({ vmid: 20_005, hostname: 'mine', pool: 'appstore', tags: 'home', description: 'My own' })
  t.equal(
    (await done(shop, shop.shop.installs.adopt({ vmid: 20_005, name: 'mine', apps: [] }, who))).state,
    'succeeded',
  )
  const config = shop.lab.state.guests['20005']?.config
  t.match(config?.description, /^My own\nappstore: install=/)
  t.match(config?.tags, /home/)
  t.match(await shop.shop.installs.get('mine'), { status: 'active', vmid: 20_005 })
  shop.lab.addForeignGuest({ vmid: 20_006, hostname: 'other', pool: 'appstore', description: 'appstore: install=x' })
  t.match(await done(shop, shop.shop.installs.adopt({ vmid: 20_006, apps: [] }, who)), {
    state: 'failed',
    failure: { code: 'APPSTORE_FOREIGN' },
  })
  t.equal(shop.lab.state.guests['20006']?.config.description, 'appstore: install=x')
})

t.test('a guest that lost its mark is not touched any more', async t => {
  const shop = await openShop(t)
  await installed(shop)
  const guest = shop.lab.state.guests['20000']
  if (guest !== undefined) guest.config.description = 'somebody else made this one'
  shop.lab.save()
  const { installs } = shop.shop
  t.match(await done(shop, installs.stop('box', who)), { state: 'failed', failure: { code: 'APPSTORE_FOREIGN' } })
  const before = shop.lab.requests.length
  await done(shop, installs.uninstall('box', { keep: false }, who))
  t.same(
    shop.lab.requests.slice(before).filter(({ method }) => method !== 'GET'),
    [],
  )
  t.same(guestsOf(shop), ['20000'])
})

t.test('what is declared is installed, changed or left alone', async t => {
  const shop = await openShop(t)
  const { installs } = shop.shop
  await installed(shop)
  const declared = installs.export()
  t.notMatch(JSON.stringify(declared), 'canary')
  t.match((await installs.planDeclaration(declared)).changes, [{ name: 'box', change: 'same' }])
  const [box] = declared.installs
  const wanted = {
    version: 1 as const,
    installs: [
      { ...box, resources: { ...box?.resources, memory: 1024 } },
      { name: 'second', apps: [{ app: 'rich' }] },
    ],
  }
  const plan = await installs.planDeclaration(wanted as never)
  t.match(plan, {
    changes: [{ change: 'reconfigure' }, { change: 'install' }],
    secretsNeeded: ['second/rich/password'],
  })
  const jobs = await installs.applyDeclaration(wanted as never, { 'second/rich/password': 'another' }, who)
  for (const job of jobs) t.equal((await done(shop, job)).state, 'succeeded')
  t.equal(shop.lab.state.guests['20000']?.config.memory, '1024')
  t.match(await installs.get('second'), { status: 'active' })
})

t.test('several apps share one guest', async t => {
  const shop = await openShop(t)
  await installed(shop, { name: 'stack', apps: [{ app: 'plain' }, { app: 'rich', inputs: { password: 'secret-1' } }] })
  t.match(await shop.shop.installs.get('stack'), {
    apps: [{ app: 'plain' }, { app: 'rich' }],
    resources: { memory: 512 },
  })
  t.same(
    shop.script.calls.map(({ action, inputs }) => [action, Object.keys(inputs).length]),
    [
      ['install', 0],
      ['install', 2],
      ['healthcheck', 0],
      ['healthcheck', 2],
    ],
  )
})
