#!/bin/sh
# debian.sh OUT: a Debian 12 with systemd as root file system of a container, in OUT/rootfs.tar. It has no Python; in
# /srv/repository are the packages that tests install there, since a container has no network. As root, with network.
set -eu
out=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../support/packages.sh"
install_packages mmdebstrap

# In memory, and without waiting for a disk: it is thrown away when it is packed.
export TMPDIR=/dev/shm
# Python is what the store itself installs; nginx-light what an app does.
sh "$here/../../vm/build/sources.sh" bookworm |
  mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --include=systemd-sysv,dbus \
    --customize-hook="sh '$here/repository.sh' \"\$1\" python3 nginx-light" \
    bookworm "$out/rootfs.tar" -
