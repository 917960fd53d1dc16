#!/bin/sh
# disk.sh OUT KERNEL ROOT NODE: what qemu boots, made from the parts that kernel.sh and root.sh left in KERNEL and ROOT
# and from ../guest: OUT/vmlinuz, OUT/initrd and OUT/root.img, a sparse ext4 file system. NODE is a Node executable.
set -eu
out=$1 kernel=$2 parts=$3 node=$4
guest=$(cd "$(dirname "$0")/../guest" && pwd)
cd "$out"
version=$(cat "$kernel/version")
mkdir root
tar -C root --numeric-owner -xf "$parts/root.tar"
tar -C root --numeric-owner -xf "$kernel/modules.tar"
chroot root depmod "$version"

install -m 755 "$node" root/usr/bin/node
install -m 755 "$guest/vm-job" root/usr/local/sbin/vm-job
install -m 644 "$guest/vm-job.service" root/etc/systemd/system/vm-job.service
mkdir -p root/etc/systemd/system/multi-user.target.wants
ln -s ../vm-job.service root/etc/systemd/system/multi-user.target.wants/vm-job.service

echo guest >root/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 guest\n' >root/etc/hosts
: >root/etc/resolv.conf
echo '/dev/vda / ext4 rw,relatime 0 1' >root/etc/fstab
echo zfs >root/etc/modules-load.d/zfs.conf
echo 'options zfs zfs_arc_max=268435456' >root/etc/modprobe.d/zfs.conf
mkdir -p root/etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' >root/etc/systemd/journald.conf.d/volatile.conf
for file in subuid subgid; do echo 'root:100000:65536' >>root/etc/$file; done

# What only costs time at boot. apparmor_parser is there for the job that loads a profile.
for unit in apparmor.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer getty@.service ldconfig.service lxc.service lxc-net.service serial-getty@.service \
  systemd-hwdb-update.service systemd-journal-flush.service systemd-pstore.service systemd-random-seed.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service zfs-import-cache.service zfs-import-scan.service \
  zfs-share.service zfs-volume-wait.service; do
  ln -sf /dev/null "root/etc/systemd/system/$unit"
done
# What a job starts when it needs it.
for unit in containerd.service docker.service docker.socket postgresql.service; do
  rm -f root/etc/systemd/system/*.wants/$unit
done

# The kernel has its disk drivers as modules: an initial file system loads them and nothing else.
mkdir -p initrd/bin initrd/dev initrd/lib initrd/root
cp root/bin/busybox initrd/bin/
install -m 755 "$guest/init" initrd/init
for module in virtio_pci virtio_blk virtio_console ext4; do
  chroot root modprobe --show-depends --set-version "$version" $module
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
  name=$(basename "$file" .xz)
  case $file in
  *.xz) xz -dc "root$file" >"initrd/lib/$name" ;;
  *) cp "root$file" "initrd/lib/$name" ;;
  esac
  echo "$name" >>initrd/modules
done
(cd initrd && find . | cpio --quiet -o -H newc | gzip -1) >initrd.new
rm -rf initrd
mv initrd.new initrd

cp "$kernel/vmlinuz" vmlinuz
truncate -s 8G root.img
mke2fs -q -t ext4 -O '^has_journal' -m 0 -d root root.img
rm -rf root
