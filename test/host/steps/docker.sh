#!/bin/sh
# A Docker engine in the host's own network, for alice, and images of PostgreSQL: postgres:VERSION, and other:VERSION, in
# which the programs lie elsewhere. Safe to repeat: an engine that was ended is started again, with what it had.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
usermod --append --groups docker alice

# Its files are in memory, and in no overlay: overlay2 cannot stand on one. Sysctls of the network are the host's own,
# though /proc/sys is read-only for everything else. What the host mounts later, the engine sees.
data=/run/throwaway-host/docker
if ! mountpoint -q $data; then
  mkdir -p $data
  mount -t tmpfs -o mode=711 docker $data
  mkdir $data/proc
  mount -t proc proc $data/proc
fi
if ! /usr/bin/docker version >/dev/null 2>&1; then
  rm -f /run/docker.pid
  unshare --mount --propagation slave sh -c "mount --bind $data/proc/sys/net /proc/sys/net &&
    exec setsid dockerd --group docker --data-root $data/data --exec-root $data/exec --host unix:///run/docker.sock" \
    </dev/null >>/var/log/dockerd.log 2>&1 &
fi
tries=0
until /usr/bin/docker version >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { tail -n 20 /var/log/dockerd.log >&2; exit 1; }
  sleep 0.05
done
sh "$here/docker-images.sh"
