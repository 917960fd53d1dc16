#!/bin/sh
# Makes this mount namespace what systemd gives a unit with ProtectSystem=strict and PrivateTmp=yes, says `ready`, and
# keeps it until its stdin ends.  Run as: unshare --mount --propagation slave sh service-namespace.sh WRITABLE...
set -eu

# A checkout below /tmp has to be seen below the private one too, since its scripts run here.
repository=$(cd "$(dirname "$0")/../.." && pwd)
case $repository in
/tmp/* | /var/tmp/*)
  kept=/run/throwaway-host/repository
  mkdir -p $kept
  mount --bind "$repository" $kept
  ;;
*) kept= ;;
esac
findmnt -rn -o TARGET | while read -r target; do
  case $target in
  /proc | /proc/* | /sys | /sys/* | /dev | /dev/*) continue ;;
  esac
  mount -o remount,bind,ro "$target"
done
for directory in "$@"; do
  mount --bind "$directory" "$directory"
  mount -o remount,bind,rw "$directory"
done
mount -t tmpfs -o mode=1777,nosuid,nodev tmp /tmp
mount -t tmpfs -o mode=1777,nosuid,nodev tmp /var/tmp
if [ -n "$kept" ]; then
  mkdir -p "$repository"
  mount --bind $kept "$repository"
fi
echo ready
exec cat >/dev/null
