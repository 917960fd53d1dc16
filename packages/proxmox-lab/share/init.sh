#!/bin/sh
# Init of a guest: starts what is enabled, reaps, and waits until its standard input ends or, called with `stay`, until it
# is told to end; then everything is told to end, and is gone two seconds later at the latest.
trap : TERM INT HUP
exec 3<&0 </dev/null
echo ready
exec >/dev/null 2>&1
mkdir -p /run/lock /run/systemd/system
# A guest may have brought a systemctl of its own.
if grep -qs lab-boot /usr/bin/systemctl; then systemctl lab-boot & fi
case ${1:-} in stay) sleep infinity & ;; *) cat <&3 & ;; esac
wait $!
kill -TERM -1
n=0
while [ $n -lt 20 ]; do
  alive=0
  for p in /proc/[0-9]*; do
    case ${p#/proc/} in 1 | $$) ;; *) grep -q '^State:.Z' $p/status 2>/dev/null || alive=1 ;; esac
  done
  [ $alive = 1 ] || exit 0
  sleep 0.1
  n=$((n + 1))
done
