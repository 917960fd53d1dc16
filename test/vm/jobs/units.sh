# wants: privexec
# The root-side broker as its administrator installs it, under this suite's systemd: called from the sandbox of the service,
# idle, killed, stopped. What systemd starts is what `policy install` has written.
. /job/jobs/_lib.sh
. /job/jobs/_installed.sh
. /job/jobs/_containers.sh
. /job/jobs/_broker.sh

install_policies appstore pgd
check 'the sockets listen' systemctl enable --now privexecd-appstore.socket privexecd-pgd.socket
check 'of the account, and of nobody else' equal "$(stat -c '%a %U %G' /run/privexec/appstore/socket)" '660 root appstore'
check 'nothing runs yet' equal "$(state appstore)" inactive

# ---- calls
check 'a call from the sandbox of the service runs in the container' equal \
  "$(sandboxed privexec run pct.exec "$(input 20001 id -u)" --policy appstore)" 0
check 'the service tells systemd when it is ready' equal "$(systemctl show -P ActiveState privexecd-appstore.service)" active
pid=$(main_pid appstore)
note "privexecd: $(grep -E '^(NoNewPrivs|Seccomp|CapBnd|VmRSS)' /proc/"$pid"/status | tr '\n\t' '  ')"
note "its environment: $(tr '\0' ' ' </proc/"$pid"/environ)"
check 'output, exit status and input pass' equal "$(echo input |
  sandboxed ask -i appstore pct.exec "$(input 20001 sh -c 'cat; echo error >&2; exit 7')" 2>/dev/null; echo $?)" "$(printf 'input\n7')"
check 'in the container no-new-privileges is not set' equal "$(app 20001 grep NoNewPrivs /proc/self/status | tr -d '\t')" NoNewPrivs:0
printf 'pushed\n' >/var/lib/appstore/file
check 'a terminal has the size that was asked for' matches "$(on_terminal 20001 sh -c 'test -t 2 && stty size')" '^12 40'
check 'content is pushed' sandboxed privexec run pct.push '{"vmid":20001,"destination":"/root/file"}' --policy appstore \
  --content /var/lib/appstore/file
check 'and has arrived' equal "$(app 20001 cat /root/file)" pushed
check 'nothing is left in the spool' equal "$(ls -A /var/lib/privexec/staging/appstore/drop)" ''

# ---- refusals
check "another's container is out of bounds" matches "$(app 104 id 2>&1)" PRIVEXEC_OUT_OF_BOUNDS
# What a caller is told, but for the number and the id of the operation.
told() { app "$1" id 2>&1 | sed "s/$1/ID/g; s/\"operation\":\"[0-9a-f]*\"//"; }
missing=$(told 20999)
note "$missing"
check 'a container that does not exist is refused by its guard' matches "$missing" PRIVEXEC_GUARD_REFUSED
for id in 20002 20003 20004; do
  check "$id, which is not ours, is refused as one that does not exist" equal "$(told $id)" "$missing"
done
useradd --create-home mallory
check 'a stranger cannot reach the socket' fails runuser -u mallory -- ask appstore pct.exec "$(input 20001 id)"
check 'the account cannot read the records' fails runuser -u appstore -- cat $audit

# ---- idle
check 'without calls the broker ends' eventually 90 is_state appstore inactive
check 'in good order' equal "$(systemctl show -P Result privexecd-appstore.service)" success
check 'the socket stays' equal "$(systemctl is-active privexecd-appstore.socket)" active
check 'and starts it again' equal "$(app 20001 echo again)" again

# ---- endings. Each operation starts a second process that leaves its parent and ignores signals.
long() {
  number=$1
  shift
  service --unit=long-"$number" "$@"
  eventually 180 pgrep -f "^sleep 8700$number" >/dev/null
}
stubborn() { input 20001 sh -c "trap '' TERM HUP INT; setsid sleep 8600$1 & sleep 8700$1"; }
gone() { ! pgrep -f "^sleep 8[67]00$1"; }
check 'a long operation begins' long 1 ask appstore pct.exec "$(stubborn 1)"
check 'the end of its caller' systemctl stop long-1.service
check 'ends it, in the container too' eventually 30 gone 1
check 'a long operation begins' long 2 privexec run pct.exec "$(stubborn 2)" --policy appstore
kill -KILL "$(main_pid appstore)"
check 'kill -9 of the broker ends it too' eventually 60 gone 2
check 'the caller learns of it' eventually 30 unit_failed long-2
check 'the next call is answered by another broker' equal "$(app 20001 echo back)" back
check 'a long operation begins' long 3 ask appstore pct.exec "$(stubborn 3)"
check 'systemctl stop of the broker' systemctl stop privexecd-appstore.service
check 'ends it too' eventually 30 gone 3
check 'and the socket answers the next call' equal "$(app 20001 echo back)" back

# ---- what /run forgets at a reboot
systemctl stop privexecd-appstore.socket privexecd-appstore.service
rm -r /run/privexec/appstore
check 'tmpfiles.d makes the directory again' systemd-tmpfiles --create
check 'the socket listens' systemctl start privexecd-appstore.socket
check 'and answers' equal "$(app 20001 echo back)" back
check 'the records are sound' privexec audit verify $audit
privexec audit show $audit >out/records 2>&1
journalctl -q -o short-monotonic -u 'privexecd-*' -u 'long-*' -u 'run-*' >out/journal
[ $failures = 0 ] || note "$(tail -n 30 out/records)" "$(grep -v 'Consumed\|Deactivated' out/journal | tail -n 60)"
finish
