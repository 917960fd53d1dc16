# wants: privexec
# The rendered AppArmor profiles in the kernel of this suite: the brokers are bound by them, and their commands work.
. /job/jobs/_lib.sh
. /job/jobs/_installed.sh
. /job/jobs/_containers.sh
. /job/jobs/_broker.sh

make_base
zfs create -o canmount=noauto $base/shop
install_options=--apparmor
install_policies appstore pgd
check 'the kernel takes the profiles' apparmor_parser --replace /etc/apparmor.d/privexecd-appstore /etc/apparmor.d/privexecd-pgd
check "and the service's own" apparmor_parser --replace $examples/rendered/appstore-service.apparmor
check 'the sockets listen' systemctl enable --now privexecd-appstore.socket privexecd-pgd.socket
useradd --create-home --groups pgd alice
call() { runuser -u alice -- ask pgd zfs."$1" "{\"dataset\":\"$base/shop\"}"; }
bound() { tr -d '\0' <"/proc/$1/attr/current"; }

# ---- containers
check 'a command runs in the container' equal "$(app 20001 id -u)" 0
pid=$(main_pid appstore)
check 'the broker is bound by its profile' equal "$(bound "$pid")" 'privexecd-appstore (enforce)'
for child in $(pgrep -P "$pid"); do note "its child $(tr '\0' ' ' <"/proc/$child/cmdline"): $(bound "$child")"; done
check 'what runs in the container is not' equal "$(app 20001 cat /proc/self/attr/current)" unconfined
check 'a terminal can be had' matches "$(on_terminal 20001 sh -c 'test -t 2 && stty size')" '^12 40'
printf 'pushed\n' >/var/lib/appstore/file
check 'content is pushed' sandboxed ask -i appstore pct.push '{"vmid":20001,"destination":"/root/file"}' </var/lib/appstore/file
check 'and has arrived' equal "$(pct exec 20001 -- cat /root/file)" pushed
check 'a command that takes too long is ended' equal "$(sandboxed privexec run pct.exec "$(input 20001 sleep 86001)" \
  --timeout 9s --policy appstore >/dev/null 2>&1; echo $?)" 124
check 'nothing of it is left' fails pgrep -f '^sleep 86001'

# ---- datasets
check 'a dataset is mounted' call mount
check 'in the host' grep -q "^$base/shop " /proc/self/mounts
check 'that broker is bound too' equal "$(bound "$(main_pid pgd)")" 'privexecd-pgd (enforce)'
check 'a dataset is unmounted' call unmount

# ---- the end
service --unit=long ask appstore pct.exec "$(input 20001 sleep 86002)"
check 'a long operation begins' eventually 90 pgrep -f '^sleep 86002'
kill -KILL "$(main_pid appstore)"
check 'kill -9 of the broker ends it' eventually 90 fails pgrep -f '^sleep 86002'
check 'without calls the brokers end' eventually 120 is_state pgd inactive
check 'the records are sound' privexec audit verify $audit
dmesg | grep 'apparmor="DENIED"' >out/denied
check 'nothing that was needed was denied' equal "$(wc -l <out/denied)" 0
note "$(sed 's/^.*apparmor=/apparmor=/' out/denied | sed 's/pid=[0-9]*//' | sort | uniq -c)"
finish
