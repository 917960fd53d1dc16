#!/bin/sh
# Installs the Debian packages that building and starting the virtual machine needs and that are missing. As root.
set -eu
. "$(dirname "$0")/../support/packages.sh"
install_packages mmdebstrap qemu-system-x86 seabios e2fsprogs busybox-static cpio xz-utils
