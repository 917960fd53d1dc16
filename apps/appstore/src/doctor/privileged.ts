import { isPrivexecError } from '@broker/privexec'
import { calls } from '@broker/proxmox'
import type { Finding } from '../contract.ts'
import { type Check, failed, ok, skipped, tried } from './check.ts'

/**
 * The privileged way, by going it: `pct exec` of a guest that is not there gets as far as `pct`, which says so. The last id
 * of the range is taken that no guest is seen to have; should there be one after all, it runs `true`.
 */
export const privilegedCheck: Check = async ({ proxmox, range, guestDoor, signal }) =>
  tried('privileged', 'Run privexec doctor as root', async () => {
    const all = await proxmox.send(calls.cluster.resources.call({ type: 'vm' }), { ...(signal && { signal }) })
    const taken = new Set<number | undefined>(all.map(({ vmid }) => vmid))
    let vmid = range.to
    while (vmid >= range.from && taken.has(vmid)) vmid -= 1
    if (vmid < range.from) return skipped('privileged', 'No id is free to try the privileged commands with')
    const options = { timeout: 20_000, ...(signal && { signal }) }
    return guestDoor(vmid)
      .exec(['/bin/true'], options)
      .then(
        () => ok('privileged', `Programs can be run in guests, as guest ${vmid} shows`),
        (error: unknown) => judge(error, vmid),
      )
  })

/** That there is no such guest only `pct` itself can say, as root, hence the way to it is open. */
function judge(error: unknown, vmid: number): Finding {
  const { cause, message } = error as Error
  const open = ['noSuchContainer', 'notRunning']
  if (isPrivexecError(cause) && open.includes(cause.failure ?? '')) {
    return ok('privileged', `pct runs as root, and knows no guest ${vmid}, as it should`)
  }
  // The root-side broker looks for the guest itself, and does not say why it refuses.
  if (isPrivexecError(cause) && cause.code === 'PRIVEXEC_GUARD_REFUSED') {
    return ok('privileged', `The root-side broker answers, and knows no guest ${vmid} of the pool, as it should`)
  }
  const advice = isPrivexecError(cause) ? cause.advice : 'Run privexec doctor as root'
  return failed('privileged', message, advice)
}
