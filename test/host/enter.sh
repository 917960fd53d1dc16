#!/bin/sh
# Runs a command as root on a throwaway host:  enter.sh CMD ARGS...
#
# The host has its own mount, PID, network, IPC, UTS and cgroup namespaces; /proc/1/ns/mnt is its mount namespace. Its
# root is an overlay whose upper layer is in memory, so whatever the command writes is gone when it ends, and so is
# every process that it started. The working directory stays the same path. The exit status is the command's.
#
# HOST_OUT=DIR  binds DIR, writable, at /out: the only way for a result to leave.
#
# What it cannot contain: device nodes that root makes by mknod, and memory or sysctls of the kernel itself.
set -eu
# The host's own directories are for all its accounts, whatever the caller prefers.
umask 022

[ "$(uname -s)" = Linux ] || { echo 'enter.sh: needs Linux' >&2; exit 77; }
[ "$(id -u)" = 0 ] || { echo 'enter.sh: needs root' >&2; exit 77; }
[ $# -gt 0 ] || { echo 'usage: enter.sh CMD ARGS...' >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)

# Process ids mean something only in their own namespace; containers of one machine may share its cgroups.
name=throwaway-host-$(readlink /proc/self/ns/pid | tr -cd 0-9)

# One cgroup of the host's own in each hierarchy, below the caller's, so that what LXC makes there can be removed.
# Prints "<mount point>=<directory>" per hierarchy, version 1 and 2 alike.
cgroups() {
  while IFS=: read -r id controllers path; do
    if [ "$id" = 0 ]; then
      at=$(findmnt -rn -t cgroup2 -o TARGET | head -n 1)
    else
      at=$(findmnt -rn -t cgroup -O "$controllers" -o TARGET | head -n 1)
    fi
    [ -n "$at" ] || continue
    [ -d "$at$path" ] || path=/
    echo "$at=${at}${path%/}/$name-$1"
  done </proc/self/cgroup
}

# Finds the cgroups of hosts, wherever their callers stood; $1 is a process id or a pattern.
find_cgroups() {
  findmnt -rn -t cgroup,cgroup2 -o TARGET | while read -r at; do
    find "$at" -depth -type d \( -name "$name-$1" -o -path "*/$name-$1/*" \) 2>/dev/null || true
  done
}

# Removing a cgroup fails with EBUSY while its last process is still being reaped, hence the repetition.
remove_cgroups() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    left=$(find_cgroups "$1")
    [ -n "$left" ] || break
    rmdir $left 2>/dev/null || sleep 0.1
  done
}

# A host whose enter.sh was killed could not clean up after itself; the next one does.
for stale in $(find_cgroups '*' | sed -n "s|.*/$name-\([0-9]*\)\$|\1|p" | sort -u); do
  [ -d "/proc/$stale" ] || remove_cgroups "$stale"
done

HOST_CGROUPS=$(cgroups $$)
export HOST_CGROUPS
for entry in $HOST_CGROUPS; do
  dir=${entry#*=}
  mkdir -p "$dir"
  if [ -e "$dir/cpuset.cpus" ] && [ -e "$dir/cgroup.clone_children" ]; then
    # Version 1 starts a cpuset empty, and nothing can run in an empty one.
    cat "$dir/../cpuset.cpus" >"$dir/cpuset.cpus"
    cat "$dir/../cpuset.mems" >"$dir/cpuset.mems"
    echo 1 >"$dir/cgroup.clone_children"
  fi
done

# In the background, since a shell runs its traps only while it waits. Descriptor 3 keeps the caller's stdin, and
# env undoes the ignored signals that a shell gives to a background command.
exec 3<&0
(
  for entry in $HOST_CGROUPS; do echo 0 >"${entry#*=}/cgroup.procs"; done
  exec setpriv --pdeathsig KILL env --default-signal=INT,QUIT \
    unshare --mount --uts --ipc --net --cgroup --propagation private sh "$here/root.sh" "$@"
) <&3 3<&- &
host=$!
exec 3<&-
trap 'kill -KILL $host 2>/dev/null' HUP INT TERM
status=0
wait $host || status=$?
while kill -0 $host 2>/dev/null; do wait $host || true; done
remove_cgroups $$
exit $status
