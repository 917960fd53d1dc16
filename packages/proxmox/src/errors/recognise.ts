import type { Subject } from './error.ts'
import type { ErrorCode } from './registry.ts'

/** What a text of Proxmox means, as far as it is known. */
interface Meaning {
  readonly code: ErrorCode
  readonly subject?: Subject
}

/**
 * Texts of Proxmox 8 and 9, whole: a text that merely contains "not found" says nothing about what was not found, and
 * taking a missing storage for a missing guest makes a store forget guests. Sources: pve-container (API2/LXC.pm,
 * LXC/Config.pm), pve-guest-common (AbstractConfig.pm), pve-storage, pve-access-control, pve-cluster.
 */
const texts: readonly (readonly [RegExp, ErrorCode, Subject?])[] = [
  [/^Configuration file 'nodes\/[^/']+\/(?:lxc|qemu-server)\/\d+\.conf' does not exist$/, 'PROXMOX_NOT_FOUND', 'guest'],
  [/^unable to find configuration file for (?:CT|VM) \d+ on node '[^']*'$/, 'PROXMOX_NOT_FOUND', 'guest'],
  [/^(?:CT|VM) \d+ does not exist$/, 'PROXMOX_NOT_FOUND', 'guest'],
  [/^no such (?:CT|VM) \('?\d+'?\)$/, 'PROXMOX_NOT_FOUND', 'guest'],
  [/^(?:no such cluster node|hostname lookup) '[^']*'(?: failed.*)?$/, 'PROXMOX_NOT_FOUND', 'node'],
  [/^storage '[^']*' does not exist$/, 'PROXMOX_NOT_FOUND', 'storage'],
  [/^no such storage '[^']*'$/, 'PROXMOX_NOT_FOUND', 'storage'],
  [/^volume '[^']*' does not exist$/, 'PROXMOX_NOT_FOUND', 'volume'],
  [/^(?:snapshot '[^']*' does not exist|no such snapshot(?: '[^']*')?)$/, 'PROXMOX_NOT_FOUND', 'snapshot'],
  [/^pool '[^']*' does not exist$/, 'PROXMOX_NOT_FOUND', 'pool'],
  [/^(?:no such user(?: \('[^']*'\))?|user '[^']*' does not exist)$/, 'PROXMOX_NOT_FOUND', 'user'],
  [/^no such token '[^']*' for user '[^']*'$/, 'PROXMOX_NOT_FOUND', 'token'],
  [/^role '[^']*' does not exist$/, 'PROXMOX_NOT_FOUND', 'role'],
  [/^no such task$/, 'PROXMOX_NOT_FOUND', 'task'],
  [
    /^unable to (?:create|restore) (?:CT|VM) \d+ - (?:CT|VM) \d+ already exists(?: on node '[^']*')?$/,
    'PROXMOX_EXISTS',
  ],
  [/^(?:CT|VM) \d+ already exists(?: on node '[^']*')?$/, 'PROXMOX_EXISTS'],
  [/^(?:pool|role|group|user|storage ID) '[^']*' already (?:exists|defined)$/, 'PROXMOX_EXISTS'],
  [/^Token already exists\.$/, 'PROXMOX_EXISTS'],
  [/^snapshot name '[^']*' already used$/, 'PROXMOX_EXISTS'],
  [/^(?:.*: )?detected modified configuration - file changed by other user\? Try again\.$/, 'PROXMOX_CHANGED'],
  [/^(?:can't|cannot|unable to) .*- protection mode enabled$/, 'PROXMOX_PROTECTED'],
  [/^(?:CT|VM) \d+ not running$/, 'PROXMOX_NOT_RUNNING'],
  [/^(?:CT|VM) \d+ already running$/, 'PROXMOX_RUNNING'],
  [/^(?:CT|VM) \d+ is running(?: - .*)?$/, 'PROXMOX_RUNNING'],
  [/^unable to destroy (?:CT|VM) \d+ (?:- container )?is running$/, 'PROXMOX_RUNNING'],
  [/^(?:can't|cannot) (?:move|overwrite) .*\brunning container$/i, 'PROXMOX_RUNNING'],
  [/^(?:.*[:-] )?(?:CT|VM) is locked \([a-z-]+\)$/, 'PROXMOX_LOCKED'],
  [/^can't lock file '[^']*' - (?:got timeout|can't .*)$/, 'PROXMOX_LOCKED'],
  [/^(?:cfs-lock|trying to acquire cfs lock) .*(?:got lock (?:request )?timeout|working).*$/, 'PROXMOX_LOCKED'],
  [/^snapshot feature is not available$/, 'PROXMOX_UNSUPPORTED'],
  // Of the kernel, ZFS and LVM, at the end of whatever was tried.
  [/(?:No space left on device|: out of space|insufficient free space)\.?$/, 'PROXMOX_NO_SPACE'],
]

/** `create user failed: `, which access control and pools put before what went wrong. */
const prefix = /^(?:[A-Za-z]+ ){1,4}failed: /

/** What a message of Proxmox means, or undefined. Only its first line counts. */
export function recognise(message: string): Meaning | undefined {
  const [line = ''] = message.trim().split('\n', 1)
  for (const text of new Set([line, line.replace(prefix, '')])) {
    for (const [pattern, code, subject] of texts) {
      if (pattern.test(text)) return subject === undefined ? { code } : { code, subject }
    }
  }
  return undefined
}

/** The privileges of `Permission check failed (/vms/104, VM.Audit)`, or undefined when the text names none. */
export function missingPermission(message: string): { path: string; privileges: string[] } | undefined {
  const found = /^Permission check failed \((\/[^,()]*), ([A-Za-z.|,; ]+)\)$/.exec(message.trim())
  const [, path, list] = found ?? []
  if (path === undefined || list === undefined) return undefined
  return { path, privileges: list.split(/[|,; ]+/).filter(privilege => privilege !== '') }
}

/** Whether a refusal is for whoever is not root@pam himself. */
export const isRootOnly = (message: string): boolean =>
  /only allowed for root@pam|user != root@pam|^only root can /i.test(message)
