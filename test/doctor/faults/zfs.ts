import { error, type Fault, faultOf } from '../support/fault.ts'

const base = 'tank/pgd/databases'
const fault = faultOf('pgd')

/** A zfs that answers `allow`, as OpenZFS does and zfs-fuse does not. */
const answering = (delegations: string): readonly [string, string] => [
  `mv /usr/sbin/zfs /usr/sbin/zfs.real
  printf '%s\\n' '#!/bin/sh' '[ "$1" = allow ] || exec /usr/sbin/zfs.real "$@"' \\
    'printf "%b\\n" "---- Permissions on $2 ---" "${delegations}"' >/usr/sbin/zfs
  chmod 755 /usr/sbin/zfs`,
  'mv /usr/sbin/zfs.real /usr/sbin/zfs',
]

/** Datasets and delegations with which a permitted mount does harm. */
export const zfsFaults: readonly Fault[] = [
  fault(
    'a base with setuid programs',
    [`zfs set setuid=on ${base}`, `zfs set setuid=off ${base}`],
    error('zfs', /databases" has setuid=on/),
  ),
  fault(
    'a dataset with devices',
    [`zfs set devices=on ${base}/shop/main`, `zfs inherit devices ${base}/shop/main`],
    error('zfs', /main" has devices=on/),
  ),
  fault(
    'a dataset with a mount point of the system',
    [`zfs set mountpoint=/etc ${base}/shop/main`, `zfs inherit mountpoint ${base}/shop/main`],
    error('zfs', /main" would be mounted at "\/etc", outside of/),
  ),
  fault(
    'a base whose directory the group may write',
    [`chgrp pgd /${base}; chmod 775 /${base}`, `chgrp root /${base}; chmod 755 /${base}`],
    error('zfs', /databases may be written by the group/),
  ),
  fault(
    'a dataset in which a member may plant a link',
    [
      `zfs mount ${base}/shop/main; chown alice /${base}/shop/main`,
      `chown root /${base}/shop/main; zfs unmount ${base}/shop/main`,
    ],
    error('zfs', /main", .* may be written by the principal: a link there/),
  ),
  fault(
    'a dangerous delegation to the group',
    answering('Local+Descendent permissions:\\n\\tgroup pgd canmount,create,mountpoint'),
    error('zfs', /On tank\/pgd\/databases, mountpoint is delegated to group pgd/),
  ),
  fault(
    'a dangerous delegation to whoever creates',
    answering('Create time permissions:\\n\\tsetuid\\nLocal permissions:\\n\\tuser alice create'),
    error('zfs', /setuid is delegated to whoever creates/),
  ),
]
