#!/bin/sh
# kernel.sh SUITE OUT: Debian's kernel for virtual machines and OpenZFS for it, which dkms builds while the packages are
# set up. Makes OUT/vmlinuz, OUT/modules.tar and OUT/version. Nearly all the time of a first build goes here.
set -eu
suite=$1 out=$2
cd "$out"
sh "$(dirname "$0")/sources.sh" "$suite" |
  mmdebstrap --quiet --variant=apt --aptopt='APT::Install-Recommends "false"' \
    --include=linux-image-cloud-amd64,linux-headers-cloud-amd64,dkms,zfs-dkms,kmod "$suite" builder.tar -
version=$(tar -tf builder.tar | sed -n 's#^\./usr/lib/modules/\([^/]*\)/updates/dkms/zfs\.ko.*#\1#p' | head -n 1)
[ -n "$version" ] || { echo 'kernel.sh: dkms built no zfs.ko' >&2; exit 1; }

mkdir tree
tar -C tree -xf builder.tar "./usr/lib/modules/$version" "./boot/vmlinuz-$version"
mv "tree/boot/vmlinuz-$version" vmlinuz
modules=tree/usr/lib/modules/$version
# Links into the headers, and drivers of devices that the machine has not.
rm -rf "$modules/build" "$modules/source" "$modules/kernel/sound"
for family in gpu infiniband media; do rm -rf "$modules/kernel/drivers/$family"; done
tar -C tree -cf modules.tar ./usr
echo "$version" >version
rm -rf tree builder.tar
