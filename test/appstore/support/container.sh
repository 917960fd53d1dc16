#!/bin/sh
# container.sh ID ROOTFS [bare]: on a throwaway host, makes and starts an unprivileged container of the app store with
# Debian, which `pct` knows; a bare one has a first process that only reaps, instead of systemd. Neither has a network but
# its own loopback.
set -eu
id=$1 archive=$2 bare=${3:-}
dir=/var/lib/lxc/$id
mkdir -p "$dir/rootfs"
chmod 755 "$dir"
chown 100000:100000 "$dir/rootfs"
# uid 0 inside is 100000 outside, as with every unprivileged container of Proxmox.
lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- \
  tar -xf - -C "$dir/rootfs" --numeric-owner --exclude='./dev/*' <"$archive"
echo "ct$id" >"$dir/rootfs/etc/hostname"
cat >"$dir/config" <<C
lxc.include = /usr/share/lxc/config/common.conf
lxc.include = /usr/share/lxc/config/userns.conf
lxc.uts.name = ct$id
lxc.rootfs.path = dir:$dir/rootfs
lxc.net.0.type = empty
lxc.net.0.flags = up
lxc.idmap = u 0 100000 65536
lxc.idmap = g 0 100000 65536
lxc.apparmor.profile = unconfined
lxc.mount.auto = cgroup:mixed proc:mixed sys:mixed
lxc.tty.max = 1
lxc.pty.max = 64
C
if [ -n "$bare" ]; then
  printf '#!/bin/sh\nwhile :; do\n  sleep 3600 &\n  wait $!\ndone\n' >"$dir/rootfs/srv/init"
  chmod 755 "$dir/rootfs/srv/init"
  echo 'lxc.init.cmd = /srv/init' >>"$dir/config"
fi
printf 'arch: amd64\nhostname: ct%s\nostype: debian\ntags: appstore;managed\nunprivileged: 1\n' "$id" >"/etc/pve/lxc/$id.conf"
sed -i "s/^pool:appstore:Apps:[^:]*/&,$id/" /etc/pve/user.cfg
lxc-start -n "$id" -o "/var/log/lxc-$id.log" -l INFO </dev/null >/dev/null 2>&1 ||
  { tail -n 30 "/var/log/lxc-$id.log" >&2; exit 1; }
[ -z "$bare" ] || exit 0
# It is degraded where it may not mount what a host has; services start all the same.
n=0
until lxc-attach -n "$id" --clear-env -- systemctl is-system-running </dev/null 2>/dev/null | grep -qE 'running|degraded'; do
  n=$((n + 1))
  [ $n -lt 600 ] || { echo "systemd of $id is not ready" >&2; exit 1; }
  sleep 0.1
done
