import type { World } from '../api/endpoint.ts'
import { failed } from '../wire/error.ts'
import { digestOf } from './config.ts'
import type { Guest } from './types.ts'

/** The container of that id; throws when there is none, or when a virtual machine has the id. */
export function guestOf(world: World, vmid: number): Guest {
  const guest = world.state.guests[vmid]
  if (guest?.kind !== 'lxc') throw failed(`Configuration file 'nodes/${world.node}/lxc/${vmid}.conf' does not exist`)
  return guest
}

/** Throws when an operation holds the guest. */
export function requireUnlocked(guest: Guest): void {
  if (guest.config.lock !== undefined) throw failed(`CT is locked (${guest.config.lock})`)
}

/** Throws when the configuration was changed since the client read it. */
export function requireDigest(guest: Guest, digest: string | undefined): void {
  if (digest !== undefined && digest !== digestOf(guest))
    throw failed('detected modified configuration - file changed by other user? Try again.')
}

/** Throws when the guest is protected from being removed. */
export function requireUnprotected(guest: Guest, message: string): void {
  if (guest.config.protection === '1') throw failed(`${message} - protection mode enabled`)
}

/** Holds the guest while `work` runs; others are told who holds it. */
export async function locked<T>(world: World, guest: Guest, lock: string, work: () => Promise<T>): Promise<T> {
  guest.config.lock = lock
  world.store.save()
  try {
    return await work()
  } finally {
    delete guest.config.lock
    world.store.save()
  }
}

/** Whether the guest runs, which its runtime knows best; a guest that was there before the lab has only its record. */
export const isRunning = (guest: Guest): boolean => guest.startedAt !== undefined
