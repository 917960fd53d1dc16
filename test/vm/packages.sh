#!/bin/sh
# Installs the Debian packages that building and starting the virtual machine needs and that are missing. As root.
set -eu
packages='mmdebstrap qemu-system-x86 seabios e2fsprogs busybox-static cpio xz-utils'
missing=
for package in $packages; do
  case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true) in
  ii*) ;;
  *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0
echo "Installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
install_missing() { apt-get install -qq -y --no-install-recommends $missing >/dev/null; }
install_missing 2>/dev/null || { apt-get update -qq && install_missing; }
