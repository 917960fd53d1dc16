import { calls } from '@broker/proxmox'
import { type Check, failed, ok, tried, warning } from './check.ts'

/** Proxmox VE versions that the store was held against. */
const known = [8, 9]

/** The node: that it answers the token, its version, the pool, and the range of ids. */
export const nodeChecks: Check = async ({ config, proxmox, range, signal }) => {
  const options = { ...(signal && { signal }) }
  const version = await tried('proxmox', 'Check proxmox.url, the token and the certificate', async () => {
    const found = await proxmox.send(calls.version.get.call({}), options)
    const text = `Proxmox VE ${found.version} answers`
    if (known.includes(found.major)) return ok('proxmox', text)
    return warning('proxmox', `${text}; the store knows 8 and 9`, 'Use a version of the store that knows this one')
  })
  if (version.some(({ state }) => state === 'failed')) return version
  const pool = await tried('pool', 'Check the rights of the token', async () => {
    const pools = await proxmox.send(calls.pools.list.call({}), options)
    if (pools.some(({ poolid }) => poolid === config.pool)) return ok('pool', `The pool ${config.pool} is there`)
    return failed(
      'pool',
      `The token sees no pool ${config.pool}`,
      `An administrator makes it with appstore setup, or: pvesh create /pools --poolid ${config.pool}`,
    )
  })
  const ids = await tried('range', 'Check the rights of the token', async () => {
    const { from, to } = range
    const all = await proxmox.send(calls.cluster.resources.call({ type: 'vm' }), options)
    const inside = all.filter(({ vmid }) => vmid !== undefined && vmid >= from && vmid <= to)
    const free = to - from + 1 - inside.length
    const foreign = inside.filter(({ pool: of }) => of !== config.pool)
    const text = `Of the ids ${from} to ${to}, ${free} are free as far as the token sees`
    if (free === 0) return failed('range', text, 'Have an administrator widen the range of the policy')
    if (foreign.length === 0) return ok('range', text)
    const list = foreign.map(({ vmid }) => vmid).join(', ')
    const told = `${text}; in the range, but not in the pool: ${list}`
    return warning('range', told, 'Move these guests: the policy lets the store run programs in them')
  })
  return [...version, ...pool, ...ids]
}
