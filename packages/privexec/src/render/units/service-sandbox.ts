import type { Policy } from '../../policy/policy.ts'
import type { Directive } from './directive.ts'

/**
 * What the commands of a policy touch. Seccomp filters, the bounding set and no-new-privileges go along with a child
 * into a container, so that what fits a program of the host may break a program in there.
 */
export type Reach = 'datasets' | 'containers'

/** `datasets` when every grant is for zfs, or gives a dataset to an account; otherwise the wider one. */
export const reachOf = ({ grants }: Policy): Reach =>
  grants.every(({ command }) => [zfs, chown].includes(command.program.path)) ? 'datasets' : 'containers'

const zfs = '/usr/sbin/zfs'
const chown = '/usr/bin/chown'

/** Whether a grant of the policy is for zfs. */
export const usesZfs = ({ grants }: Policy): boolean => grants.some(({ command }) => command.program.path === zfs)

/** Whether a grant of the policy gives datasets to accounts. */
export const usesChown = ({ grants }: Policy): boolean => grants.some(({ command }) => command.program.path === chown)

/** Capabilities without which the commands fail, each with its reason. */
export const capabilities: Readonly<Record<Reach, Readonly<Record<string, string>>>> = {
  datasets: {
    CAP_SYS_ADMIN: 'mount(2), and entering the mount namespace of the host',
    CAP_SYS_CHROOT: 'entering a mount namespace',
    CAP_SYS_PTRACE: 'opening the namespaces of PID 1, and the environment by which a left-over process is recognised',
    CAP_DAC_READ_SEARCH: 'the same for processes and directories of other accounts',
  },
  containers: {
    CAP_SYS_ADMIN: 'entering the namespaces of the host and of the container',
    CAP_SYS_CHROOT: 'entering a mount namespace',
    CAP_SYS_PTRACE: 'opening the namespaces of PID 1, and the environment by which a left-over process is recognised',
    CAP_DAC_READ_SEARCH: 'the same for processes and directories of other accounts',
    CAP_DAC_OVERRIDE: "the container's control group and files, which are not root's",
    CAP_SETUID: 'becoming root of the container',
    CAP_SETGID: 'becoming root of the container',
    CAP_SETFCAP: 'id maps with the id 0 in them',
    CAP_CHOWN: 'pushed files get the owner that the request names',
    CAP_FOWNER: 'pushed files get the mode that the request names',
    CAP_KILL: 'ending processes of other accounts',
    CAP_SYS_RESOURCE: "the container's resource limits",
  },
}

/** A privileged container is entered without a user namespace of its own, so that its limits are set by root here. */
const forPrivileged = { CAP_SETPCAP: "dropping what the container's configuration drops" }

/** With delegation, the root directory of a dataset belongs to its creator, and nobody needs this. */
const forOwners = { CAP_CHOWN: 'the root directory of a new dataset gets the owner that the request names' }

/** The capabilities of a policy's service. */
export function boundingSet(policy: Policy): string[] {
  const own = Object.keys(capabilities[reachOf(policy)])
  const privileged = policy.grants.some(({ settings }) => settings.privileged === true)
  const more = { ...(privileged ? forPrivileged : {}), ...(usesChown(policy) ? forOwners : {}) }
  return [...own, ...Object.keys(more).filter(name => !own.includes(name))]
}

/** The sandbox of `privexecd-<policy>.service`; paths, devices and capabilities of the policy come on top. */
export const serviceSandbox: readonly Directive<Reach>[] = [
  {
    key: 'ProtectSystem',
    value: { datasets: 'strict', containers: 'strict' },
    why: 'The broker writes its audit, content and socket directories only; its commands leave the mount namespace',
  },
  {
    key: 'ProtectHome',
    value: { datasets: 'yes', containers: 'yes' },
    why: 'Nothing of it is needed',
  },
  {
    key: 'PrivateTmp',
    value: { datasets: 'yes', containers: 'yes' },
    why: 'No file of another account by a name that can be guessed',
  },
  {
    key: 'PrivateDevices',
    value: { containers: 'yes' },
    why: 'Terminals are all that is needed; the guards of zfs ask zfs, which opens /dev/zfs',
  },
  {
    key: 'DevicePolicy',
    value: { datasets: 'closed', containers: 'closed' },
    why: 'Terminals and /dev/null, and with zfs /dev/zfs; it holds for the commands too, in whatever namespace',
  },
  {
    key: 'PrivateIPC',
    value: { datasets: 'yes', containers: 'yes' },
    why: 'Nothing is shared with other processes by System V objects',
  },
  {
    key: 'PrivateNetwork',
    value: { datasets: 'yes' },
    why: "A unix socket with a path is reached all the same; a container's command socket is abstract, which belongs to the network namespace",
  },
  {
    key: 'IPAddressDeny',
    value: { datasets: 'any', containers: 'any' },
    why: "It goes with the control group, and a command that enters a container moves to the container's",
  },
  {
    key: 'RestrictAddressFamilies',
    value: { datasets: 'AF_UNIX' },
    why: 'A filter goes along into a container, where programs need the network',
  },
  {
    key: 'ProtectKernelTunables',
    value: { datasets: 'yes', containers: 'yes' },
    why: 'Settings of the kernel are not written; control groups stay writable',
  },
  {
    key: 'ProtectKernelModules',
    value: { datasets: 'yes', containers: 'yes' },
    why: 'The module of zfs is there before a dataset is; in a container no module can be loaded anyway',
  },
  {
    key: 'ProtectKernelLogs',
    value: { datasets: 'yes', containers: 'yes' },
    why: 'The log of the kernel is not read',
  },
  {
    key: 'ProtectClock',
    value: { datasets: 'yes', containers: 'yes' },
    why: 'The clock is not set; in a container it cannot be',
  },
  {
    key: 'ProtectHostname',
    value: { datasets: 'yes' },
    why: 'Its filter would keep root of a container from naming the container',
  },
  {
    key: 'ProtectControlGroups',
    value: {},
    why: 'Each operation gets a control group below the own one, by which the kernel ends all of it',
  },
  {
    key: 'ProtectProc',
    value: { datasets: 'invisible', containers: 'invisible' },
    why: 'Of no effect while CAP_SYS_PTRACE is there; for programs that lose it',
  },
  {
    key: 'ProcSubset',
    value: {},
    why: 'Records name the boot by /proc/sys/kernel/random/boot_id, and the kernel links of /proc/1 are entered',
  },
  {
    key: 'NoNewPrivileges',
    value: { datasets: 'yes', containers: 'no' },
    why: 'It goes along into a container, where sudo and su would stop working, and so would its AppArmor profile',
  },
  {
    key: 'RestrictNamespaces',
    value: { datasets: 'mnt' },
    why: 'The mount namespace of the host is entered; for a container all kinds are',
  },
  {
    key: 'RestrictSUIDSGID',
    value: { datasets: 'yes' },
    why: "A package manager in a container sets such bits on the container's own files",
  },
  {
    key: 'RestrictRealtime',
    value: { datasets: 'yes' },
    why: 'It goes along into a container, where it is for root of the container to say',
  },
  {
    key: 'LockPersonality',
    value: { datasets: 'yes' },
    why: 'A 32-bit container is entered with its own personality',
  },
  {
    key: 'MemoryDenyWriteExecute',
    value: {},
    why: "Node's compiler writes code and then runs it",
  },
  {
    key: 'SystemCallArchitectures',
    value: { datasets: 'native' },
    why: 'A container may hold 32-bit programs',
  },
  {
    key: 'SystemCallFilter',
    value: {
      datasets: ['@system-service mount umount umount2 pidfd_getfd', '~@resources'],
      containers: '~@clock @module @obsolete @raw-io @reboot @swap',
    },
    why: 'What zfs and the broker use; in a container only what root of a container may not do either is taken away',
  },
  {
    key: 'SystemCallErrorNumber',
    value: { datasets: 'EPERM', containers: 'EPERM' },
    why: 'A call that is not there is an error that is reported, not a dead process',
  },
  {
    key: 'PrivateUsers',
    value: {},
    why: 'Root must be root of the host',
  },
  {
    key: 'KeyringMode',
    value: { datasets: 'private', containers: 'private' },
    why: 'No keys of other sessions',
  },
  {
    key: 'UMask',
    value: { datasets: '0022', containers: '0022' },
    why: 'It goes along into a container, as with sudo; the broker makes its own files with modes of their own',
  },
]
