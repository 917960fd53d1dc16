#!/bin/sh
# Installs the Debian packages that the throwaway host needs and that are missing. Starts no service, neither now nor at
# the next boot. As root; quick when all are there.
set -eu
umask 022
[ "$(id -u)" = 0 ] || { echo 'packages.sh: needs root' >&2; exit 77; }
command -v apt-get >/dev/null || { echo 'packages.sh: needs Debian (apt-get)' >&2; exit 77; }
. "$(dirname "$0")/../support/packages.sh"

# sudo and perl-base: the host's programs; lxc: containers; zfs-fuse: a pool without a kernel module; gcc: small probes;
# apparmor: the compiler of profiles; docker.io: a container engine; podman to slirp4netns: one without root;
# postgresql: servers, and what images are made of, without a cluster of its own; chromium: a browser for tests of pages.
no_cluster=/etc/postgresql-common/createcluster.d/throwaway-host.conf
if [ ! -e /usr/lib/postgresql ]; then
  mkdir -p "${no_cluster%/*}"
  echo 'create_main_cluster = false' >$no_cluster
fi
install_packages sudo perl-base lxc lxc-templates uidmap busybox-static zfs-fuse iproute2 util-linux procps gcc libc6-dev apparmor \
  docker.io podman catatonit crun slirp4netns postgresql chromium
rm -f $no_cluster

# Nor at the next boot: the host starts what it needs itself.
for package in $missing; do
  case $package in
  lxc) services='lxc lxc-net' ;;
  zfs-fuse | apparmor | postgresql) services=$package ;;
  docker.io)
    services=docker
    # Units beside its script in /etc/init.d.
    systemctl disable docker.socket containerd.service >/dev/null 2>&1 || true
    ;;
  podman)
    services=
    systemctl disable podman.socket podman.service podman-auto-update.timer podman-restart.service >/dev/null 2>&1 || true
    ;;
  *) services= ;;
  esac
  for service in $services; do update-rc.d "$service" disable >/dev/null 2>&1 || true; done
done
