import { loadPolicy } from '@broker/privexec'
import { connect, type Proxmox } from '@broker/proxmox'
import type { Config } from '../config/config.ts'
import { AppstoreError } from '../errors/error.ts'
import { openPrivileged } from '../privileged/open.ts'
import type { GuestDoor } from '../provision/door.ts'

/** What a store works with outside of itself. */
export interface Surroundings {
  readonly proxmox: Proxmox
  readonly range: { readonly from: number; readonly to: number }
  readonly guestDoor: (vmid: number) => GuestDoor
  close(): Promise<void>
}

/** Opens the way to Proxmox and to the privileged commands, as the configuration says. */
export async function openSurroundings(config: Config): Promise<Surroundings> {
  const range = await rangeOf(config.policy)
  const { url, tokenFile, ca, fingerprint, insecure } = config.proxmox
  const proxmox = await connect({
    url,
    token: { file: tokenFile },
    tls: {
      ...(ca === undefined ? {} : { ca: await readCa(ca) }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(insecure ? { insecure: true } : {}),
    },
    ...(config.node === undefined ? {} : { node: config.node }),
  })
  try {
    const privileged = await openPrivileged(config.policy)
    return {
      ...{ proxmox, range, guestDoor: vmid => privileged.door(vmid, { name: 'appstore' }) },
      close: async () => {
        await privileged.close()
        await proxmox.close()
      },
    }
  } catch (error) {
    await proxmox.close()
    throw error
  }
}

/**
 * Ids that the policy lets the store run programs in: where root would refuse, no guest is made.
 * @throws {AppstoreError} `APPSTORE_NOT_SET_UP` when the policy grants no `pct.exec`.
 */
export async function rangeOf(file: string): Promise<{ readonly from: number; readonly to: number }> {
  let policy: Awaited<ReturnType<typeof loadPolicy>>
  try {
    policy = await loadPolicy(file)
  } catch (cause) {
    throw new AppstoreError('APPSTORE_NOT_SET_UP', `The policy cannot be used: ${(cause as Error).message}`, { cause })
  }
  const grant = policy.grants.find(({ command }) => command.id === 'pct.exec')
  const [, from, to] = /^(\d+)-(\d+)$/.exec(String(grant?.where.vmid)) ?? []
  if (from !== undefined && to !== undefined) return { from: Number(from), to: Number(to) }
  throw new AppstoreError('APPSTORE_NOT_SET_UP', `The policy ${policy.name} grants no pct.exec with a range of ids`)
}

async function readCa(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new AppstoreError('APPSTORE_CONFIG_INVALID', `proxmox.ca: ${(cause as Error).message}`, {
      field: 'proxmox.ca',
      cause,
    })
  }
}
