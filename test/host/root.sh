#!/bin/sh
# Second half of enter.sh, in the new namespaces: builds the host's root file system and moves into it.
set -eu
directory=$PWD
here=$(cd "$(dirname "$0")" && pwd)

# Everything new lives in this memory; the mount is seen in this namespace only.
memory=/dev/shm
mount -t tmpfs -o mode=755 throwaway-host "$memory"
root=$memory/root
mkdir "$root"

# overlay LOWER: shows LOWER at the same path of the new root; changes go to memory.
layers=0
overlay() {
  layers=$((layers + 1))
  layer=$memory/layer$layers
  mkdir -p "$layer/upper" "$layer/work" "$root$1"
  # The source is the name by which prepare.ts knows a throwaway host.
  mount -t overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work,redirect_dir=on" throwaway-host "$root$1"
}

# An overlay covers one file system; others that are mounted below / get one each. A tmpfs only when we stand in it.
overlay /
findmnt -rn -o TARGET,FSTYPE | while read -r target type; do
  [ "$target" != / ] && [ -d "$target" ] || continue
  case $type in
  ext[234] | xfs | btrfs | f2fs | zfs | overlay | virtiofs | 9p | nfs | nfs4) wanted=yes ;;
  tmpfs) case $directory/ in "$target"/*) wanted=yes ;; *) wanted=no ;; esac ;;
  *) wanted=no ;;
  esac
  case $target in "$memory"* | /proc/* | /sys/* | /dev/*) wanted=no ;; esac
  [ $wanted = no ] || { layers=$(ls -d "$memory"/layer* | wc -l) && overlay "$target"; }
done

# /dev: the nodes that sudo, LXC and zfs-fuse need, and no disks.
mount -t tmpfs -o mode=755 dev "$root/dev"
node() { mknod -m "$2" "$root/dev/$1" c "$3" "$4"; }
node null 666 1 3
node zero 666 1 5
node full 666 1 7
node random 666 1 8
node urandom 666 1 9
node tty 666 5 0
node fuse 600 10 229
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for n in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${n%:*}" "$root/dev/${n#*:}"; done

# /sys of the new network namespace, read-only, with the cgroups that enter.sh made for us.
mount -t sysfs sysfs "$root/sys"
mount -o remount,bind,ro "$root/sys"
# An unprivileged container may mount /sys and /proc only where its parent sees one without restrictions; LXC's
# documentation gives them this place. init.sh adds proc.
mkdir -p -m 700 "$root/dev/.lxc"
mkdir "$root/dev/.lxc/sys" "$root/dev/.lxc/proc"
mount -t sysfs sysfs "$root/dev/.lxc/sys"
case "$HOST_CGROUPS" in
/sys/fs/cgroup=*) ;;
*) mount -t tmpfs -o mode=755 cgroup "$root/sys/fs/cgroup" ;;
esac
for entry in $HOST_CGROUPS; do
  mkdir -p "$root${entry%%=*}"
  mount --bind "${entry#*=}" "$root${entry%%=*}"
  # Version 2 lets a cgroup that holds processes give no controllers to its children, so ours go into a leaf.
  if [ -e "${entry#*=}/cgroup.controllers" ]; then
    mkdir "${entry#*=}/init"
    echo 0 >"${entry#*=}/init/cgroup.procs"
  fi
done
unset HOST_CGROUPS

mount -t tmpfs -o mode=755 run "$root/run"
mkdir -p "$root/run/lock" "$root/run/sudo"
chmod 1777 "$root/run/lock"
# What the command changed in the file system of /, to look at: the upper layer, removals as character devices 0:0.
mkdir -p "$root/run/throwaway-host/changed"
mount --bind "$memory/layer1/upper" "$root/run/throwaway-host/changed"
mount -o remount,bind,ro "$root/run/throwaway-host/changed"
case $directory/ in
/tmp/*) ;; # the caller stands below /tmp: leave the overlaid one
*) mount -t tmpfs -o mode=1777 tmp "$root/tmp" ;;
esac

if [ -n "${HOST_OUT:-}" ]; then
  mkdir -p "$root/out"
  mount --bind "$HOST_OUT" "$root/out"
  HOST_OUT=/out
fi

hostname pve
echo pve >"$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 pve\n' >"$root/etc/hosts"
ip link set lo up

mkdir "$root/.outside"
cd "$root"
pivot_root . .outside
cd /
# init.sh may lie on a file system that only the old root shows under this path, hence a copy.
cp "/.outside$here/init.sh" /run/throwaway-host/init
# umount reads /proc; the one of the new PID namespace can only be mounted from inside, by init.sh.
mount -t proc proc /proc
umount -l /.outside
umount /proc
rmdir /.outside
# As systemd does: mounts of the host reach the namespaces of its services.
mount --make-rshared /
exec unshare --pid --fork --kill-child sh /run/throwaway-host/init "$directory" "$@"
