# The sandbox of the rendered units, with probes in the place of the broker: what its commands need works in there, what it
# does not need does not.
. /job/jobs/_lib.sh

rendered=/job/policies/examples/daemon/rendered
for name in appstore pgd; do
  install -D -m 644 $rendered/privexec-$name.sysusers.conf /etc/sysusers.d/privexec-$name.conf
  install -D -m 644 $rendered/privexec-$name.tmpfiles.conf /etc/tmpfiles.d/privexec-$name.conf
  install -m 644 $rendered/privexecd-$name.socket $rendered/privexecd-$name.service /etc/systemd/system/
done
install -m 644 $rendered/appstore.service /etc/systemd/system/
check 'systemd makes the accounts' systemd-sysusers
check 'and the directories' systemd-tmpfiles --create
check 'of a socket, for its group only' equal "$(stat -c '%a %U %G' /run/privexec/appstore)" '750 root appstore'
check 'of content, for root only' equal "$(stat -c '%a %U %G' /var/lib/privexec/staging/appstore/drop)" '700 root root'
check 'containers can be made' sh /job/host/steps/containers.sh
make_base
zfs create -o canmount=noauto $base/shop

# Each probe is a directory of scripts; the first line of a script is its title, the second begins with `# no` when it has
# to fail. The unit runs them all and writes what each did.
cat >/usr/local/bin/probe <<'P'
#!/bin/sh
for script in /usr/local/lib/probes/$1/*; do
  said=$(sh "$script" 2>&1)
  echo "$? $script $(printf %s "$said" | tr '\n' ' ' | cut -c 1-300)"
done >"$2"
exit 0
P
chmod 755 /usr/local/bin/probe
probe() {
  kind=$1 title=$2 expect=$3
  mkdir -p /usr/local/lib/probes/"$kind"
  count=$(find /usr/local/lib/probes/"$kind" -type f | wc -l)
  { echo "# $title"; echo "# $expect"; cat; } >/usr/local/lib/probes/"$kind"/"$(printf %02d "$count")"
}
enter='/usr/bin/nsenter --mount=/proc/1/ns/mnt --'
for kind in appstore pgd; do
  probe $kind 'Node runs, its compiler too' yes <<'S'
exec node --disallow-code-generation-from-strings --disable-proto=delete -e \
  'let s = 0; for (let i = 0; i < 1e6; i++) s = (s + i * i) % 1000003; require("child_process").execFileSync("/bin/true")'
S
  probe $kind 'the descriptor of another process can be duplicated' yes <<'S'
sleep 5 3</etc/hostname &
perl -e 'my $p = syscall(434, $ARGV[0] + 0, 0); die "pidfd_open: $!" if $p < 0;
  die "pidfd_getfd: $!" if syscall(438, $p, 3, 0) < 0' $!
S
  probe $kind 'a control group can be made and ended' yes <<'S'
set -e
group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/probe
mkdir "$group"
sleep 100 &
echo $! >"$group/cgroup.procs"
echo 1 >"$group/cgroup.kill"
wait $! || true
until rmdir "$group" 2>/dev/null; do sleep 0.1; done
S
  probe $kind 'the environment of a process of another account can be read' yes <<'S'
grep -qz PROBE=1 /proc/$(cat /run/probe-other)/environ
S
  probe $kind 'systemd can be notified' yes <<'S'
[ -n "$NOTIFY_SOCKET" ] && systemd-notify --status=probing
S
  for path in /etc /usr /var/lib /root /home /var/log/privexec; do
    echo "touch $path/probe" | probe $kind "nothing can be written to $path" no
  done
  echo 'ls /home/alice' | probe $kind 'homes are not seen' no
  echo 'date -s 2000-01-01' | probe $kind 'the clock cannot be set' no
  echo 'modprobe dummy' | probe $kind 'no module can be loaded' no
  echo 'echo 1 >/proc/sys/kernel/sysrq' | probe $kind 'no setting of the kernel can be written' no
  echo 'dmesg' | probe $kind 'the log of the kernel cannot be read' no
  echo 'dd if=/dev/vda of=/dev/null count=1' | probe $kind 'the disk cannot be read' no
  # Without the filter it would be ENOENT, since the capability is there.
  echo "perl -e 'my \$p = q(/none); syscall(168, \$p); exit(\$! == 1 ? 0 : 1)'" | probe $kind 'swapoff is refused by the filter' yes
done
echo "touch /var/log/privexec/appstore/x /var/lib/privexec/staging/appstore/drop/x /run/privexec/appstore/x" |
  probe appstore 'records, content and socket can be written' yes
echo "touch /var/log/privexec/pgd/x /var/lib/privexec/staging/pgd/drop/x /run/privexec/pgd/x" |
  probe pgd 'records, content and socket can be written' yes
for command in 'id -u' 'hostname ct20001' 'mount -t tmpfs none /run' 'umount /run' 'mknod /tmp/pipe p' \
  'sh -c ": >/tmp/f; chmod 6755 /tmp/f; chown 1000:1000 /tmp/f"' 'su app -s /bin/sh -c id' 'ip link set lo up' \
  'unshare -m true' 'sh -c "ulimit -n 2000"' 'sh -c "grep ^NoNewPrivs:.*0 /proc/self/status"' \
  'ping -c 1 127.0.0.1' 'setsid true'; do
  echo "exec $enter /usr/sbin/pct exec 20001 --keep-env 0 -- $command" | probe appstore "in the container: $command" yes
done
printf 'echo pushed >/var/lib/privexec/staging/appstore/drop/file\n%s\n%s\n' \
  "said=\$($enter /usr/sbin/pct push 20001 /var/lib/privexec/staging/appstore/drop/file /root/file --perms 0640 --user 1000 2>&1); echo \"\$said\"" \
  '[ -z "$said" ]' | probe appstore 'a file is pushed' yes
echo "$enter cat /etc/pve/lxc/20001.conf" | probe appstore 'the configuration of a container is read' yes
echo 'cat /proc/1/root/etc/pve/lxc/20001.conf' | probe appstore 'also through the root of PID 1' yes
echo "$enter /usr/sbin/zfs mount $base/shop" | probe pgd 'a dataset is mounted' yes
echo "$enter grep ' nosuid\\|,nosuid\\|nosuid,' /proc/mounts | grep $base/shop" | probe pgd 'with nosuid' yes
echo "$enter /usr/sbin/zfs get -Hp -o property,value,source all $base/shop" | probe pgd 'its properties are read' yes
echo "$enter /usr/sbin/zfs unmount $base/shop" | probe pgd 'it is unmounted' yes
echo 'ls /proc/1/root/tank' | probe pgd 'the root of PID 1 is seen' yes
echo "perl -MSocket -e 'socket(my \$s, AF_INET, SOCK_STREAM, 0) or die'" | probe pgd 'there is no network' no

useradd --create-home alice
touch /home/alice/file
runuser -u alice -- env PROBE=1 sleep 1000 &
eventually 10 pgrep -u alice sleep >/run/probe-other
for kind in appstore pgd; do
  mkdir -p /etc/systemd/system/privexecd-$kind.service.d
  # The socket does not answer here.
  cat >/etc/systemd/system/privexecd-$kind.service.d/probe.conf <<U
[Unit]
Requires=
[Service]
Type=oneshot
ExecStart=
ExecStart=/usr/local/bin/probe $kind /run/privexec/$kind/said
ExecStopPost=
Restart=no
TimeoutStartSec=infinity
U
done
systemctl daemon-reload
for kind in appstore pgd; do
  check "the unit of $kind starts" systemctl start privexecd-$kind.service
  note "$(journalctl -q -u privexecd-$kind.service -o cat | tail -n 5)"
  for script in /usr/local/lib/probes/$kind/*; do
    title="$kind: $(sed -n '1s/^# //p' "$script")"
    line=$(grep -F " $script " /run/privexec/$kind/said)
    case $(sed -n 2p "$script") in
    '# yes') check "$title" matches "$line" '^0 ' ;;
    *) check "$title" matches "$line" '^[1-9]' ;;
    esac
  done
  note "$kind: $(systemd-analyze security --no-pager privexecd-$kind.service | tail -n 1)"
done
note "appstore.service: $(systemd-analyze security --no-pager appstore.service | tail -n 1)"
finish
