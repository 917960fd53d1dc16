import { connect } from '@broker/proxmox'
import t from 'tap'
import type { Job } from '../../src/model/job.ts'
import { applySteps } from '../../src/setup/apply.ts'
import { planSetup } from '../../src/setup/plan.ts'
import { needed } from '../../src/setup/privileges.ts'
import { manifest, openShop, rich, type Shop, writeApp } from '../support/shop.ts'
import type { Test } from '../support/store.ts'
import { freshNode, paperMachine, tokenOn } from './support.ts'

const who = { principal: 'alice' }

const { lab, admin, options } = await freshNode(t)
const machine = paperMachine()
await applySteps({ proxmox: admin, machine }, await planSetup(admin, machine, options))
const made = structuredClone(lab.state.roles)

/** A new store whose token the setup made; the role lacks one privilege, if one is named. */
async function shopWith(t: Test, lacking?: string): Promise<Shop> {
  for (const [role, privileges] of Object.entries(made))
    if (role.startsWith('AppStore')) lab.state.roles[role] = privileges.filter(name => name !== lacking)
  // Templates are to be downloaded, as on a node that has none.
  for (const id of Object.keys(lab.state.volumes)) if (id.includes('vztmpl')) delete lab.state.volumes[id]
  const { id: tokenId, secret: tokenSecret } = tokenOn(machine)
  const shop = await openShop(t, { lab: { ...lab, tokenId, tokenSecret } })
  writeApp(shop.catalog, 'rich', manifest('rich', '1.0.0', rich))
  return shop
}

/** A whole life of an install; resolves to the operation that was refused, or to nothing. */
async function refusedIn(shop: Shop): Promise<string | undefined> {
  const { installs, catalog } = shop.shop
  const request = { name: 'box', apps: [{ app: 'rich', inputs: { password: 'canary-9d1e' } }] }
  const upgrade = async (version: string, safety: 'snapshot' | 'backup'): Promise<Job> => {
    writeApp(shop.catalog, 'rich', manifest('rich', version, rich))
    await catalog.check()
    return installs.upgrade('box', { safety }, who)
  }
  const life: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      'install',
      async () => installs.install({ ...request, consent: (await installs.plan(request)).consent.hash }, who),
    ],
    ['look for the pool, as doctor does', () => poolOf(shop)],
    ['terminal', () => terminal(shop)],
    ['backup', () => installs.backup('box', undefined, who)],
    ['reconfigure', () => installs.reconfigure('box', { resources: { cores: 2, memory: 512, disk: 5 } }, who)],
    ['resize', () => installs.resize('box', { volume: 'data', size: 7 }, who)],
    ['upgrade with a snapshot', () => upgrade('1.1.0', 'snapshot')],
    [
      'rollback of an upgrade',
      async () => {
        shop.script.fail.upgrade = () => Promise.reject(new Error('no'))
        const { failure } = await shop.shop.jobs.finished((await upgrade('1.2.0', 'snapshot')).id)
        delete shop.script.fail.upgrade
        if (failure?.left?.length !== 0) throw new Error(JSON.stringify(failure))
      },
    ],
    ['upgrade with a backup', () => upgrade('1.3.0', 'backup')],
    [
      'restore of a backup',
      async () => {
        shop.script.fail.upgrade = () => Promise.reject(new Error('no'))
        const { failure } = await shop.shop.jobs.finished((await upgrade('1.4.0', 'backup')).id)
        delete shop.script.fail.upgrade
        if (failure?.left?.length !== 0) throw new Error(JSON.stringify(failure))
      },
    ],
    ['stop', () => installs.stop('box', who)],
    ['start', () => installs.start('box', who)],
    ['uninstall', () => installs.uninstall('box', { keep: true }, who)],
    ['reinstall', () => installs.reinstall('box', who)],
    ['removal', () => installs.uninstall('box', { keep: false }, who)],
  ]
  for (const [name, run] of life) {
    try {
      const job = (await run()) as Job | undefined
      if (job?.id === undefined) continue
      const { state, failure } = await shop.shop.jobs.finished(job.id)
      if (state !== 'succeeded') throw new Error(`${failure?.code}: ${failure?.message}`)
    } catch (error) {
      return `${name}: ${(error as Error).message}`
    }
  }
  return undefined
}

async function poolOf({ lab }: Shop): Promise<void> {
  const token = { id: lab.tokenId, secret: lab.tokenSecret }
  const proxmox = await connect({ url: lab.url, token, tls: { fingerprint: lab.fingerprint } })
  try {
    if ((await proxmox.pools.list()).length === 0) throw new Error('no pool is seen')
  } finally {
    await proxmox.close()
  }
}

/** Opens a terminal. Proxmox, and the lab as it, refuses what a token does with it afterwards; that is no privilege. */
async function terminal({ shop, lab }: Shop): Promise<void> {
  const before = lab.requests.length
  const options = { columns: 80, rows: 24, onData: () => {}, onClose: () => {} }
  const opened = await shop.installs.terminal('box', options, who).catch((error: Error) => error)
  if (!(opened instanceof Error)) return opened.close()
  const proxy = lab.requests.slice(before).find(({ path }) => path.endsWith('/termproxy'))
  if (proxy?.status !== 200) throw opened
}

t.test('a whole life is done with the privileges of the table', async t => {
  t.equal(await refusedIn(await shopWith(t)), undefined)
})

for (const { name } of needed) {
  t.test(`without ${name} an operation is refused`, async t => {
    const refused = await refusedIn(await shopWith(t, name))
    t.type(refused, 'string')
    t.comment(refused)
  })
}
