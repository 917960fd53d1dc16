import { dirname } from 'node:path/posix'
import { stagingDirectory } from '../../argument/staged-content.ts'
import { policyDirectory, policyJsonPath } from '../../policy/installed.ts'
import type { Policy } from '../../policy/policy.ts'
import { socketPath } from '../../transport/daemon/path.ts'
import { libexec } from '../../transport/libexec.ts'
import { sudoPath } from '../../transport/sudo/paths.ts'
import { logDirectory } from '../sudoers.ts'
import { appProgram } from './app-service.ts'
import { head } from './directive.ts'
import { defaultNode, plainPath, privexecd, unitName, writtenDirectories } from './paths.ts'
import { boundingSet, reachOf, usesChown, usesZfs } from './service-sandbox.ts'

/** Programs that end-operation, a shell script, calls. */
const scriptTools = ['awk', 'cut', 'dash', 'gawk', 'grep', 'mawk', 'ps', 'readlink', 'sed', 'sh', 'sleep', 'sort', 'tr']

/**
 * The AppArmor profile of the root-side broker of a policy, which its unit names. Without no-new-privileges, nsenter
 * leaves it, since what runs in a container has a profile of its own; with it, nothing can, and zfs stays inside.
 * Path rules bind Node: a fault in the broker reads no key and writes no unit.
 */
export function renderBrokerProfile(policy: Policy, node = defaultNode): string {
  const { name } = policy
  const reach = reachOf(policy)
  return profile(name, unitName(name), [
    'include <abstractions/base>',
    'include <abstractions/openssl>',
    'include <abstractions/perl>',
    '',
    ...boundingSet(policy).map(each => `capability ${each.slice('CAP_'.length).toLowerCase()},`),
    '# The marker in the environment of a left-over process, and the namespaces of PID 1.',
    'ptrace read,',
    '# The descriptor of a connection, which the warden duplicates to ask who called. Both sides have to allow it.',
    `ptrace (read, readby, trace, tracedby) peer=${unitName(name)},`,
    'signal,',
    'unix,',
    'network unix,',
    '',
    `${plainPath(node)} mrix,`,
    `${privexecd} r,`,
    `${libexec}/{warden,terminal,end-operation} rix,`,
    '/usr/bin/perl mrix,',
    `/{usr/,}bin/{${scriptTools.join(',')}} mrix,`,
    '',
    `${policyDirectory}/ r,`,
    `${policyJsonPath(name)} r,`,
    '/etc/{passwd,group,nsswitch.conf} r,',
    ...writtenDirectories(policy).flatMap(path => [`${path}/ rw,`, `${path}/** rwk,`]),
    '/run/systemd/notify w,',
    '',
    '@{PROC}/ r,',
    '@{PROC}/[0-9]*/ r,',
    '@{PROC}/[0-9]*/{cgroup,cmdline,environ,fd/,fdinfo/*,mountinfo,mounts,ns/{mnt,pid},stat,status} r,',
    '@{PROC}/[0-9]*/task/{,*/,*/status} r,',
    '@{PROC}/sys/kernel/{osrelease,pid_max,random/boot_id} r,',
    '@{PROC}/{meminfo,stat,tty/drivers,uptime,version_signature} r,',
    '@{sys}/fs/cgroup/ r,',
    '@{sys}/fs/cgroup/** rw,',
    '/dev/{ptmx,tty,pts/,pts/*} rw,',
    '',
    ...(reach === 'containers' ? containers : []),
    ...(usesZfs(policy) && reach === 'datasets' ? datasets : []),
    ...(usesChown(policy) && reach === 'datasets' ? ['/{usr/,}bin/chown mrix,'] : []),
  ])
}

const containers = [
  '# The facts that guards ask for.',
  '/etc/pve/{,nodes/*/}lxc/ r,',
  '/etc/pve/{,nodes/*/}lxc/[0-9]*.conf r,',
  '/etc/pve/user.cfg r,',
  '# In a container the profile of the container holds, and in the host none.',
  '/usr/bin/nsenter Ux,',
]

const datasets = [
  '/usr/bin/nsenter mrix,',
  '/{usr/,}sbin/zfs mrix,',
  '/dev/zfs rw,',
  '/etc/zfs/** r,',
  '/etc/{hostid,mtab} r,',
  '@{PROC}/sys/kernel/spl/hostid r,',
  '@{sys}/module/zfs/** r,',
  '@{PROC}/filesystems r,',
  '# Where a dataset is mounted follows from its base, which the guards compare; a mount point is a directory.',
  'mount fstype=zfs -> /**,',
  'umount,',
  '/ r,',
  '/**/ rw,',
]

/**
 * The AppArmor profile of the service that is the principal of a policy; undefined when the principal is no service.
 * With sudo, what sudo starts is not bound by it.
 */
export function renderAppProfile(policy: Policy, node = defaultNode): string | undefined {
  const { name, principal, transport, audit } = policy
  if (!principal.service) return undefined
  const account = principal.name
  const staged = stagingDirectory(name)
  const records = plainPath(dirname(audit.file))
  const way =
    transport === 'daemon'
      ? ['# Root is reached by this socket, and by nothing else.', `${socketPath(name)} rw,`]
      : [
          '# Root is reached by sudo, whose rules bind what it starts.',
          `${sudoPath} Ux,`,
          ...(transport === 'sudo' ? [`${staged}/ r,`, `${staged}/* rw,`, `${records}/ r,`, `${records}/** rwk,`] : []),
          `${logDirectory}/ r,`,
        ]
  return profile(name, `${account}-service`, [
    'include <abstractions/base>',
    'include <abstractions/nameservice>',
    'include <abstractions/openssl>',
    'include <abstractions/ssl_certs>',
    '',
    'network inet stream,',
    'network inet6 stream,',
    'unix,',
    'signal peer=@{profile_name},',
    '',
    `${plainPath(node)} mrix,`,
    `${appProgram(account)} rix,`,
    '/usr/bin/env ix,',
    `/usr/lib/${account}/** r,`,
    `/etc/${account}/** r,`,
    `/var/lib/${account}/ r,`,
    `/var/lib/${account}/** rwk,`,
    `${policyDirectory}/${name}.{json,yaml} r,`,
    '@{PROC}/@{pid}/{cgroup,mountinfo,stat,status} r,',
    '@{PROC}/sys/kernel/random/boot_id r,',
    '@{PROC}/{meminfo,stat,uptime,version_signature} r,',
    '',
    ...way,
  ])
}

/** A whole profile. Descriptors that PID 1 passes were opened outside the mount namespace, hence `attach_disconnected`. */
const profile = (policy: string, name: string, rules: readonly string[]): string =>
  [
    ...head(policy),
    'abi <abi/3.0>,',
    '',
    'include <tunables/global>',
    '',
    `profile ${name} flags=(attach_disconnected) {`,
    ...rules.map(rule => (rule === '' ? '' : `  ${rule}`)),
    '}',
    '',
  ].join('\n')
