#!/bin/sh
# PID 1 of the throwaway host:  init.sh DIRECTORY CMD ARGS...
# Runs the command, reaps orphans meanwhile (the shell's wait does), and takes every process with it when it ends.
mount -t proc proc /proc || exit 70
mount -t proc proc /dev/.lxc/proc || exit 70
# Most sysctls have no namespace and belong to the machine.
mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys || exit 70
cd "$1" || exit 70
shift
"$@"
exit $?
