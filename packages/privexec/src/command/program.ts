import type { Program } from './command.ts'

/** What stands before the path of a program that has to run in the mount namespace of the host's init. */
export const hostWrapper = ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--'] as const

/** A program that sudo starts as it is. */
export const program = (path: string): Program => ({ executable: path, prefix: [], path })

/**
 * A program that first re-enters the mount namespace of the host's init: a service with ProtectSystem=strict has one of
 * its own, in which the program could not write, and in which a mount would be seen by nobody else.
 */
export const inHostNamespace = (path: string): Program => ({
  executable: hostWrapper[0],
  prefix: [...hostWrapper.slice(1), path],
  path,
})
