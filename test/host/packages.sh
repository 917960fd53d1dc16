#!/bin/sh
# Installs the Debian packages that the throwaway host needs and that are missing. Starts no service, neither now nor at
# the next boot. As root; quick when all are there.
set -eu
umask 022
[ "$(id -u)" = 0 ] || { echo 'packages.sh: needs root' >&2; exit 77; }
command -v apt-get >/dev/null || { echo 'packages.sh: needs Debian (apt-get)' >&2; exit 77; }

# sudo and perl-base: the host's programs; lxc: containers; zfs-fuse: a pool without a kernel module; gcc: small probes;
# apparmor: the compiler of profiles.
packages='sudo perl-base lxc lxc-templates uidmap busybox-static zfs-fuse iproute2 util-linux procps gcc libc6-dev apparmor'
missing=
for package in $packages; do
  case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true) in
  ii*) ;;
  *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

# policy-rc.d says 101, "not allowed", to every start that a package's script asks for. One that is there stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
echo "Installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
install_missing() { apt-get install -qq -y --no-install-recommends $missing >/dev/null; }
install_missing 2>/dev/null || { apt-get update -qq && install_missing; }

# Nor at the next boot: the host starts what it needs itself.
for package in $missing; do
  case $package in
  lxc) services='lxc lxc-net' ;;
  zfs-fuse | apparmor) services=$package ;;
  *) services= ;;
  esac
  for service in $services; do update-rc.d "$service" disable >/dev/null 2>&1 || true; done
done
