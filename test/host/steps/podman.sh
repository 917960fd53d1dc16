#!/bin/sh
# Podman without root for alice, in the host's own network, and an image of PostgreSQL: postgres:VERSION. Safe to repeat.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
command -v podman >/dev/null || { echo 'podman.sh: there is no podman' >&2; exit 1; }
account=alice
id=$(id -u $account)
own=/run/user/$id
as="setpriv --reuid $account --regid $account --init-groups env -i HOME=/home/$account PATH=/usr/sbin:/usr/bin:/bin XDG_RUNTIME_DIR=$own"
install -d -o $account -g $account -m 700 "$own"

# What its network is made of; and the host's own sysctls of the network, since /proc/sys is read-only for everything else.
mkdir -p /dev/net
[ -e /dev/net/tun ] || mknod -m 666 /dev/net/tun c 10 200
data=/run/throwaway-host/podman
if ! mountpoint -q $data/proc; then
  mkdir -p $data/proc
  mount -t proc proc $data/proc
fi
if ! $as podman --remote version >/dev/null 2>&1; then
  unshare --mount --propagation slave sh -c "mount --bind $data/proc/sys/net /proc/sys/net &&
    exec setsid $as podman system service --time=0" </dev/null >>/var/log/podman.log 2>&1 &
  echo $! >$data/pid
fi
tries=0
until $as podman --remote version >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { tail -n 20 /var/log/podman.log >&2; exit 1; }
  sleep 0.05
done
ENGINE="$as podman --remote" sh "$here/docker-images.sh" /run/throwaway-host postgres
