import type { Check } from './context.ts'
import { findings, type Level } from './finding.ts'
import { may } from './trust.ts'

/** Groups whose members are root by another way, or come near it. */
const powerful: Readonly<Record<string, readonly [level: Level, why: string]>> = {
  root: ['error', 'may write what belongs to the group root'],
  sudo: ['error', 'may run anything by the default rules of Debian'],
  wheel: ['error', 'may run anything by the default rules of many systems'],
  admin: ['error', 'may run anything by the default rules of older Ubuntu'],
  docker: ['error', 'starts containers with the root file system of the host in them'],
  lxd: ['error', 'starts privileged containers'],
  incus: ['error', 'starts containers; with incus-admin, privileged ones'],
  'incus-admin': ['error', 'starts privileged containers'],
  libvirt: ['error', 'starts virtual machines on any disk of the host'],
  disk: ['error', 'reads and writes every disk directly'],
  kmem: ['error', 'reads the memory of the kernel'],
  shadow: ['error', 'reads the password hashes'],
  staff: ['warning', 'may write below /usr/local on older Debian, which is in the path of root'],
  kvm: ['note', 'starts virtual machines, which is no right on the host by itself'],
  adm: ['note', 'reads the system logs'],
  'systemd-journal': ['note', 'reads the system logs'],
}

/** Sockets through which whoever may write them is root, whatever group that is (their own documentation). */
const sockets: Readonly<Record<string, string>> = {
  '/run/docker.sock': 'starts containers with the root file system of the host in them',
  '/run/podman/podman.sock': 'starts containers with the root file system of the host in them',
  '/run/containerd/containerd.sock': 'starts containers with the root file system of the host in them',
  '/run/libvirt/libvirt-sock': 'starts virtual machines on any disk of the host',
  '/var/lib/incus/unix.socket': 'starts privileged containers',
  '/var/lib/lxd/unix.socket': 'starts privileged containers',
  '/var/snap/lxd/common/lxd/unix.socket': 'starts privileged containers',
}

/** Whether an account of the principal is root by membership in a group, or by a socket that it may write. */
export const groupsCheck: Check = async ({ accounts, machine, policy: { principal } }) => {
  const found = findings('groups')
  const remove = (name: string, group: string) =>
    `gpasswd --delete ${name} ${group}, or accept that the policy does not bind`
  if (principal.kind === 'group' && powerful[principal.name]?.[0] === 'error') {
    found.error(`The principal is the group ${principal.name}, which ${powerful[principal.name]?.[1]}`)
  }
  for (const { name, uid, groups } of accounts) {
    if (uid === 0) found.error(`${name} is root`, 'A policy binds no account that is root already')
    for (const group of groups) {
      const [level, why] = powerful[group] ?? []
      if (level && group !== principal.name)
        found.add(level, `${name} is a member of ${group}: ${why}`, remove(name, group))
    }
  }
  for (const [path, why] of Object.entries(sockets)) {
    const { value: entry } = await machine.look(path)
    for (const account of accounts) {
      if (entry === undefined || account.uid === 0 || !may(account, entry, 2)) continue
      found.error(`${account.name} may write ${path}: whoever may, ${why}`, 'Keep it for root')
    }
  }
  const looked = accounts.map(({ name, groups }) => `${name} (${groups.join(', ')})`).join('; ')
  if (accounts.length > 0) found.okIfNone(`No group is a way to root: ${looked}`)
  return found.list
}
