#!/bin/sh
# Makes a guest's view of files and becomes its init; runs as PID 1 of new namespaces, in the directory of the disks:
#   setup.sh PLACE DISK BASE NAME [DIRECTORY PATH ro|rw]...
# PLACE is for the mounts, DISK has the root file system, BASE is what guests share (or -), NAME the host name; then come
# the other disks. INIT is the text of init.sh. Standard input is held by the lab: when it ends, the guest does.
set -eu
place=$1 disk=$2 base=$3 name=$4
shift 4
root=$place/root
if [ "$base" = - ]; then
  mount -c --bind "$disk/root" "$root"
else
  mount -c -t overlay overlay -o "lowerdir=$base/root,upperdir=$disk/root,workdir=$place/work-root,userxattr" "$root"
  mount -c -t overlay overlay -o "lowerdir=$base/usr:/usr,upperdir=$disk/usr,workdir=$place/work-usr,userxattr" "$root/usr"
fi
while [ $# -gt 0 ]; do
  mkdir -p "$root$2"
  mount -c --bind "$1" "$root$2"
  [ "$3" = rw ] || mount -c -o remount,bind,ro "$root$2"
  shift 3
done
mkdir -p "$root/dev" "$root/proc" "$root/sys" "$root/run" "$root/tmp"
mount -c -t tmpfs -o mode=755 dev "$root/dev"
for node in null zero full random urandom tty; do
  : >"$root/dev/$node"
  mount -c --bind /dev/$node "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -c -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
mount -c -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for n in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${n%:*}" "$root/dev/${n#*:}"; done
mount -c -t proc proc "$root/proc"
mount -c --rbind /sys "$root/sys"
mount -c -t tmpfs -o mode=755 run "$root/run"
printf '%s' "$INIT" >"$root/run/init"
hostname "$name"
cd -P "$root"
mkdir -p .outside
pivot_root . .outside
cd /
umount -l /.outside
rmdir /.outside
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  sh /run/init
