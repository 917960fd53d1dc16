#!/bin/sh
# root.sh SUITE OUT: the files of the guest, in OUT/root.tar.
set -eu
suite=$1 out=$2
packages=systemd,systemd-sysv,dbus,udev,kmod,libpam-systemd,adduser,iproute2,procps,util-linux-extra,e2fsprogs
packages=$packages,sudo,apparmor,zfsutils-linux,lxc,lxc-templates,uidmap,busybox-static
# Debian has it from trixie on.
[ "$suite" = bookworm ] || packages=$packages,sudo-rs
sh "$(dirname "$0")/sources.sh" "$suite" |
  mmdebstrap --quiet --variant=minbase --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --include="$packages" "$suite" "$out/root.tar" -
