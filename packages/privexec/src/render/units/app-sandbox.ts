import type { Directive } from './directive.ts'

/** How the service reaches root: by sudo, which is setuid and starts its command in the unit, or by a socket. */
export type Way = 'sudo' | 'socket'

/**
 * Enough for sudo, nsenter and a command that enters an unprivileged container; the unit has them only to hand them on,
 * since its account has none.
 */
export const sudoCapabilities = [
  'CAP_SETUID',
  'CAP_SETGID',
  'CAP_SETFCAP',
  'CAP_SYS_ADMIN',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_RESOURCE',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_CHOWN',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
] as const

const implied = 'Before systemd 257 it implies NoNewPrivileges, with which sudo cannot work'

/** The sandbox of the service that is the principal of a policy. */
export const appSandbox: readonly Directive<Way>[] = [
  {
    key: 'NoNewPrivileges',
    value: { sudo: 'no', socket: 'yes' },
    why: 'sudo is setuid; a socket needs nothing of the kind',
  },
  {
    key: 'CapabilityBoundingSet',
    value: { sudo: sudoCapabilities.join(' '), socket: '' },
    why: 'What sudo and its command need; with a socket they are not in this unit',
  },
  { key: 'AmbientCapabilities', value: { sudo: '', socket: '' }, why: 'The account has no capability of its own' },
  {
    key: 'ProtectSystem',
    value: { sudo: 'strict', socket: 'strict' },
    why: 'The service writes its own state only; a command of root leaves the mount namespace by itself',
  },
  { key: 'ProtectHome', value: { sudo: 'yes', socket: 'yes' }, why: 'Nothing of it is needed' },
  {
    key: 'PrivateTmp',
    value: { sudo: 'yes', socket: 'yes' },
    why: 'No file of another account by a name that can be guessed',
  },
  { key: 'PrivateMounts', value: { sudo: 'yes', socket: 'yes' }, why: 'No mount of the service is seen elsewhere' },
  {
    key: 'DevicePolicy',
    value: { sudo: 'closed', socket: 'closed' },
    why: 'Terminals and /dev/null, which is what sudo and its commands use too',
  },
  { key: 'PrivateDevices', value: { socket: 'yes' }, why: implied },
  {
    key: 'PrivateUsers',
    value: { socket: 'yes' },
    why: 'sudo must become root of the host',
  },
  {
    key: 'PrivateIPC',
    value: { socket: 'yes' },
    why: 'Nothing is shared by System V objects; sudo works with it alone, which was not tried together with the other lines',
  },
  {
    key: 'PrivateNetwork',
    value: {},
    why: 'The service talks to the Proxmox API and has a web page',
  },
  { key: 'ProtectKernelTunables', value: { socket: 'yes' }, why: implied },
  { key: 'ProtectKernelModules', value: { socket: 'yes' }, why: implied },
  { key: 'ProtectKernelLogs', value: { socket: 'yes' }, why: implied },
  { key: 'ProtectClock', value: { socket: 'yes' }, why: implied },
  { key: 'ProtectHostname', value: { socket: 'yes' }, why: implied },
  { key: 'ProtectControlGroups', value: { sudo: 'yes', socket: 'yes' }, why: 'Control groups are not written here' },
  { key: 'ProtectProc', value: { sudo: 'invisible', socket: 'invisible' }, why: 'Processes of others are not seen' },
  {
    key: 'ProcSubset',
    value: {},
    why: 'Records name the boot by /proc/sys/kernel/random/boot_id',
  },
  {
    key: 'RestrictNamespaces',
    value: { socket: 'yes' },
    why: `${implied}, and its command enters namespaces`,
  },
  { key: 'RestrictSUIDSGID', value: { socket: 'yes' }, why: implied },
  { key: 'RestrictRealtime', value: { socket: 'yes' }, why: implied },
  { key: 'LockPersonality', value: { socket: 'yes' }, why: implied },
  { key: 'MemoryDenyWriteExecute', value: {}, why: "Node's compiler writes code and then runs it" },
  {
    key: 'RestrictAddressFamilies',
    value: { socket: 'AF_UNIX AF_INET AF_INET6' },
    why: implied,
  },
  { key: 'SystemCallArchitectures', value: { socket: 'native' }, why: implied },
  {
    key: 'SystemCallFilter',
    value: { socket: ['@system-service', '~@privileged @resources'] },
    why: implied,
  },
  {
    key: 'SystemCallErrorNumber',
    value: { socket: 'EPERM' },
    why: 'A call that is not there is an error that is reported, not a dead process',
  },
  { key: 'RemoveIPC', value: { sudo: 'yes', socket: 'yes' }, why: 'Nothing is left behind' },
  { key: 'KeyringMode', value: { sudo: 'private', socket: 'private' }, why: 'No keys of other sessions' },
  {
    key: 'UMask',
    value: { sudo: '0077', socket: '0077' },
    why: 'Files of the service are its own; sudo and the broker set the mask of what they start',
  },
]
