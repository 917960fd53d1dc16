#!/bin/sh
# protect.sh LOCK: sets fs.protected_symlinks to 1, says `ready`, and puts it back when stdin ends, however its caller
# ended. The sysctl is one of the whole machine: the last of several that run at once restores it. As root.
set -eu
sysctl=/proc/sys/fs/protected_symlinks
trap '' HUP INT TERM
exec 9<>"$1"
# Whoever is alone keeps what was there before.
if flock -n -x 9; then cat $sysctl >"$1"; fi
flock -s 9
echo 1 >$sysctl
echo ready
cat >/dev/null
if flock -n -x 9; then
  before=$(cat "$1")
  rm -f "$1"
  echo "${before:-1}" >$sysctl
fi
