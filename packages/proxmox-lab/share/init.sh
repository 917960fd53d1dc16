#!/bin/sh
# Init of a guest: starts what is enabled, reaps, and waits until its standard input ends; then everything is told to end,
# and is gone two seconds later at the latest.
trap : TERM INT HUP
exec 3<&0 </dev/null
echo ready
exec >/dev/null 2>&1
if [ -x /usr/local/bin/systemctl ]; then /usr/local/bin/systemctl lab-boot & fi
cat <&3 &
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
