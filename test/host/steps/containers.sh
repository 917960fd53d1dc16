#!/bin/sh
# Two running unprivileged LXC containers that `pct` knows: 20001 is the app store's, 104 is somebody else's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
install -m 755 "$here/../pct" /usr/sbin/pct
for file in /etc/subuid /etc/subgid; do
  grep -qs '^root:100000:65536$' $file || echo root:100000:65536 >>$file
done
mkdir -p /etc/pve/nodes/pve/lxc /run/lock/lxc
[ -e /etc/pve/lxc ] || ln -s nodes/pve/lxc /etc/pve/lxc
install -d -m 755 /var/lib/lxc

# One root file system of busybox, copied for each container; uid 0 inside is 100000 outside.
base=/var/lib/throwaway-container
if [ ! -e $base/.complete ]; then
  mkdir -p $base
  (cd $base && mkdir -p bin dev etc proc root run sbin sys tmp usr/bin usr/sbin var/lib var/log)
  chmod 1777 $base/tmp
  cp "$(command -v busybox)" $base/bin/busybox
  for applet in $(busybox --list-full); do
    [ -e "$base/$applet" ] || { mkdir -p "$base/${applet%/*}" && ln -s /bin/busybox "$base/$applet"; }
  done
  [ -e $base/usr/bin/env ] || ln -s /bin/busybox $base/usr/bin/env
  printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/root:/bin/sh\n' >$base/etc/passwd
  printf 'root:x:0:\napp:x:1000:\n' >$base/etc/group
  # What init runs: nothing, for ever. The default inittab wants terminals.
  printf '::sysinit:/bin/hostname -F /etc/hostname\n::ctrlaltdel:/bin/true\n' >$base/etc/inittab
  chown -R 100000:100000 $base
  : >$base/.complete
fi

# container ID TAGS
container() {
  dir=/var/lib/lxc/$1
  if [ ! -e "$dir/config" ]; then
    mkdir -p "$dir"
    chmod 755 "$dir"
    cp -a $base "$dir/rootfs"
    rm "$dir/rootfs/.complete"
    echo "ct$1" >"$dir/rootfs/etc/hostname"
    cat >"$dir/config" <<C
lxc.uts.name = ct$1
lxc.rootfs.path = dir:$dir/rootfs
lxc.net.0.type = empty
lxc.idmap = u 0 100000 65536
lxc.idmap = g 0 100000 65536
lxc.apparmor.profile = unconfined
lxc.mount.auto = cgroup:mixed proc:mixed sys:mixed
lxc.tty.max = 1
lxc.pty.max = 64
lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio
C
    printf 'arch: amd64\nhostname: ct%s\nostype: unmanaged\ntags: %s\nunprivileged: 1\n' "$1" "$2" >"/etc/pve/lxc/$1.conf"
  fi
  lxc-info -n "$1" -sH 2>/dev/null | grep -q RUNNING ||
    lxc-start -n "$1" -o "/var/log/lxc-$1.log" -l INFO </dev/null >/dev/null 2>&1 ||
    { tail -n 20 "/var/log/lxc-$1.log" >&2; exit 1; }
}
container 20001 'appstore;managed'
container 104 'production'

# Pools, as pveum writes them: pool, comment, guests, storages.
[ -e /etc/pve/user.cfg ] || printf 'user:root@pam:1:0:::::\n\npool:appstore:Apps:20001::\npool:production:Other:104::\n' >/etc/pve/user.cfg
