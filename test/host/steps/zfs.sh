#!/bin/sh
# A pool `tank` on a file, by zfs-fuse: its daemon does all mounting, in the host's mount namespace, whoever asks.
set -eu
# A cache file of the machine would make this daemon open the machine's own pools.
if ! [ -e /run/throwaway-host/zfs-started ]; then
  rm -f /var/lib/zfs/zpool.cache /var/lib/zfs-fuse/zpool.cache /etc/zfs/zpool.cache
  mkdir -p /run/zfs /run/lock/zfs /var/lib/zfs
  : >/run/throwaway-host/zfs-started
  setsid zfs-fuse --no-daemon </dev/null >/var/log/zfs-fuse.log 2>&1 &
fi
# `zpool list` fails until the daemon listens.
tries=0
until zpool list >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { cat /var/log/zfs-fuse.log >&2; exit 1; }
  sleep 0.05
done
if ! zpool list tank >/dev/null 2>&1; then
  truncate -s 128M /var/lib/tank.img
  zpool create tank /var/lib/tank.img
  zfs create tank/pgd
  # Set once by root; what is created below inherits it.
  zfs create -o setuid=off -o devices=off tank/pgd/databases
  # A project, which is never mounted, and a branch of it.
  zfs create -o canmount=off tank/pgd/databases/shop
  zfs create -o canmount=noauto tank/pgd/databases/shop/main
  zfs create tank/other
fi
