#!/bin/sh
# root.sh SUITE OUT: the files of the guest, in OUT/root.tar.
set -eu
suite=$1 out=$2
packages=systemd,systemd-sysv,dbus,udev,kmod,libpam-systemd,adduser,iproute2,procps,util-linux-extra,e2fsprogs
packages=$packages,sudo,apparmor,zfsutils-linux,lxc,lxc-templates,uidmap,busybox-static,docker.io,postgresql,python3
# Debian has the first from trixie on, and the second as a part of docker.io before.
[ "$suite" = bookworm ] || packages=$packages,sudo-rs,docker-cli
# PostgreSQL's programs, and no cluster of its own.
no_cluster='mkdir -p "$1/etc/postgresql-common/createcluster.d" &&
  echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.d/none.conf"'
sh "$(dirname "$0")/sources.sh" "$suite" |
  mmdebstrap --quiet --variant=minbase --aptopt='APT::Install-Recommends "false"' --setup-hook="$no_cluster" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --include="$packages" "$suite" "$out/root.tar" -
