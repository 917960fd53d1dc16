import { calls } from '@broker/proxmox'
import type { Config } from '../config/config.ts'
import type { Appstore, Finding } from '../contract.ts'
import type { Surroundings } from '../daemon/surroundings.ts'

/** Checks the surroundings by using them. */
export const hostDoctor =
  (config: Config, { proxmox, range }: Pick<Surroundings, 'proxmox' | 'range'>): Appstore['doctor'] =>
  async () => {
    const found: Finding[] = [
      { check: 'policy', state: 'ok', text: `Guests have the ids ${range.from} to ${range.to}` },
    ]
    const tryIt = async (check: string, run: () => Promise<string>, fix: string): Promise<void> => {
      try {
        found.push({ check, state: 'ok', text: await run() })
      } catch (error) {
        found.push({ check, state: 'failed', text: (error as Error).message, fix })
      }
    }
    const version = async (): Promise<string> =>
      `Proxmox VE ${(await proxmox.send(calls.version.get.call({}))).version}`
    await tryIt('proxmox', version, 'Check proxmox.url, the token and its certificate in the configuration')
    const pool = async (): Promise<string> => {
      const pools = await proxmox.send(calls.pools.list.call({}))
      if (pools.some(({ poolid }) => poolid === config.pool)) return `The pool ${config.pool} is there`
      throw new Error(`The token sees no pool ${config.pool}`)
    }
    await tryIt(
      'pool',
      pool,
      `pvesh create /pools --poolid ${config.pool}, and give the token's user a role on /pool/${config.pool}`,
    )
    return found
  }
