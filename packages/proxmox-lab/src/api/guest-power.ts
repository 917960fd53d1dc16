import { boolean, guestPath, integer } from '../schema/property.ts'
import { seconds, viewOf } from '../state/disks.ts'
import { guestOf, isRunning, requireUnlocked } from '../state/guests.ts'
import { failed } from '../wire/error.ts'
import { type Call, type Endpoint, flag, type Permission, type World } from './endpoint.ts'
import { applyPending } from './guest-pending.ts'

const power: Permission = { path: '/vms/{vmid}', privileges: ['VM.PowerMgmt'] }
const path = '/nodes/{node}/lxc/{vmid}/status'

/** Starts a guest: what waits for it to stop is applied first. Throws when a disk of it is gone. */
export async function startGuest(world: World, vmid: number): Promise<void> {
  const guest = guestOf(world, vmid)
  requireUnlocked(guest)
  if (guest.config.template === '1') throw failed("you can't start a CT if it's a template")
  await applyPending(world, vmid, guest)
  const view = viewOf(world, vmid, guest.config)
  guest.pid = await world.runtime.start(view)
  guest.startedAt = seconds()
  world.store.save()
}

/** Stops a guest with everything that runs in it; what waited for that is applied. */
export async function stopGuest(world: World, vmid: number): Promise<void> {
  const guest = guestOf(world, vmid)
  await world.runtime.stop(vmid)
  delete guest.startedAt
  delete guest.pid
  await applyPending(world, vmid, guest)
  world.store.save()
}

function requireRunning({ world, params }: Call, wanted: boolean): number {
  const vmid = Number(params.vmid)
  const running = isRunning(guestOf(world, vmid))
  if (running !== wanted) throw failed(`CT ${vmid} ${running ? 'already' : 'not'} running`)
  return vmid
}

function requireNoLock({ world, params, who }: Call): void {
  if (flag(params, 'skiplock') && who !== 'root@pam') throw failed('Only root may use this option.')
  if (!flag(params, 'skiplock')) requireUnlocked(guestOf(world, Number(params.vmid)))
}

export const powerEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: `${path}/start`,
    permission: power,
    parameters: { ...guestPath, debug: boolean({ optional: true }), skiplock: boolean({ optional: true }) },
    handle(call) {
      const vmid = requireRunning(call, false)
      return call.fork('vzstart', vmid, async () => {
        requireNoLock(call)
        await startGuest(call.world, vmid)
      })
    },
  },
  {
    method: 'POST',
    path: `${path}/stop`,
    permission: power,
    parameters: {
      ...guestPath,
      'overrule-shutdown': boolean({ optional: true }),
      skiplock: boolean({ optional: true }),
    },
    handle(call) {
      const vmid = requireRunning(call, true)
      return call.fork('vzstop', vmid, async () => {
        requireNoLock(call)
        await stopGuest(call.world, vmid)
      })
    },
  },
  {
    method: 'POST',
    path: `${path}/shutdown`,
    permission: power,
    parameters: {
      ...guestPath,
      forceStop: boolean({ optional: true }),
      timeout: integer({ optional: true, minimum: 0 }),
    },
    handle(call) {
      const vmid = requireRunning(call, true)
      return call.fork('vzshutdown', vmid, async () => {
        requireUnlocked(guestOf(call.world, vmid))
        await stopGuest(call.world, vmid)
      })
    },
  },
  {
    method: 'POST',
    path: `${path}/reboot`,
    permission: power,
    parameters: { ...guestPath, timeout: integer({ optional: true, minimum: 0 }) },
    handle(call) {
      const vmid = requireRunning(call, true)
      return call.fork('vzreboot', vmid, async () => {
        await stopGuest(call.world, vmid)
        await startGuest(call.world, vmid)
      })
    },
  },
]
