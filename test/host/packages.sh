#!/bin/sh
# Installs the Debian packages that the throwaway host needs and that are missing. Starts no service. As root.
set -eu
[ "$(id -u)" = 0 ] || { echo 'packages.sh: needs root' >&2; exit 77; }
command -v apt-get >/dev/null || { echo 'packages.sh: needs Debian (apt-get)' >&2; exit 77; }

# sudo and perl-base: the host's programs; lxc: containers; zfs-fuse: a pool without a kernel module; gcc: small probes.
packages='sudo perl-base lxc lxc-templates uidmap busybox-static zfs-fuse iproute2 util-linux procps gcc libc6-dev'
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
