# The app store as `appstore setup` makes it on a node: rights, token, policy, broker and unit. Its sandboxed daemon installs
# an app in a container, is killed, and goes on; then all of it is taken back.
# wants: appstore
# memory: 3072
# limit: 2400
. /job/jobs/_lib.sh
mkdir -p /usr/lib/node_modules/@broker
mv /job/store/* /usr/lib/node_modules/@broker/
for name in privexec appstore; do
  chmod 755 /usr/lib/node_modules/@broker/$name/dist/cli/main.js
  ln -s /usr/lib/node_modules/@broker/$name/dist/cli/main.js /usr/bin/$name
done
install -m 755 /job/host/pct /usr/sbin/pct
for file in /etc/subuid /etc/subgid; do echo root:100000:65536 >>$file; done

# ---- a node
node /job/jobs/lab.mjs >/run/lab 2>/run/lab.log &
check 'a node is there' eventually 120 test -s /run/lab
fingerprint=$(sed 's/.*"fingerprint":"\([^"]*\)".*/\1/' /run/lab)
(umask 077 && sed 's/.*"token":"\([^"]*\)".*/\1/' /run/lab >/root/admin)

# ---- setup
setup() {
  appstore setup --admin-token-file /root/admin --fingerprint "$fingerprint" --storage local --storage local-zfs \
    --bridge vmbr0 "$@"
}
check 'setup says first what it would do' matches "$(setup --dry-run 2>&1)" 'appstore.service'
check 'and has done nothing' fails test -e /etc/appstore
check 'setup does it' setup --yes
check 'again it finds all done' setup --yes
unit=/etc/systemd/system/appstore.service
check 'systemd-analyze has nothing to say of its unit' equal "$(systemd-analyze verify $unit 2>&1)" ''
check 'the daemon runs' eventually 300 systemctl is-active --quiet appstore
main_pid() { systemctl show -P MainPID appstore; }
status() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$(main_pid)/status"; }
check 'as its own account' equal "$(ps -o user= -p "$(main_pid)")" appstore
check 'which can get no rights' equal "$(status NoNewPrivs) $(status CapEff) $(status CapBnd)" '1 0000000000000000 0000000000000000'
read_only() { awk '$5 == "/" { print $6 }' "/proc/$(main_pid)/mountinfo" | cut -d, -f1; }
check 'in a file system that it cannot write' equal "$(read_only)" ro
note "memory: $(status VmRSS) kB"
note "$(systemd-analyze security --no-pager appstore | tail -n 1)"

# ---- a person
check 'the daemon is stopped' systemctl stop appstore
echo 'correct horse battery' >/root/password
check 'a person gets an account' sh -c 'runuser -u appstore -- appstore account add alice --role admin </root/password'
check 'and the daemon goes on' systemctl start appstore
certificate() { journalctl -q -u appstore -o cat | sed -n 's/.*certificate \([0-9A-F:]\{95\}\).*/\1/p' | tail -n 1; }
known() { [ -n "$(certificate)" ]; }
check 'it tells its certificate' eventually 300 known
log_in() { appstore login https://127.0.0.1:8443 --account alice --fingerprint "$(certificate)" </root/password; }
check 'she logs in' eventually 300 log_in
check 'the doctor finds no fault' appstore doctor

# ---- an app
check 'an app is installed by the daemon, through the broker' appstore install hello-web --yes
vmid=$(appstore list --json | sed 's/.*"vmid":\([0-9]*\).*/\1/')
serves() { pct exec "$vmid" -- python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8090/").read().decode())' | grep -q Hello; }
check 'and serves its page' eventually 60 serves
check 'its container is one of the range' matches "$vmid" '^20[0-9]{3}$'
check 'the audit of the broker is whole' privexec audit verify /var/log/privexec/appstore/audit.jsonl
check 'the daemon cannot read it' fails runuser -u appstore -- cat /var/log/privexec/appstore/audit.jsonl

# ---- a daemon that is killed
before=$(main_pid)
kill -9 "$before"
replaced() { [ "$(main_pid)" != "$before" ] && systemctl is-active --quiet appstore; }
check 'systemd starts a killed daemon again' eventually 300 replaced
listed() { appstore list --json | grep -q '"running"'; }
check 'it knows its install' eventually 300 listed
check 'the app is uninstalled' appstore uninstall hello-web --yes
check 'its container is gone' fails test -e "/etc/pve/lxc/$vmid.conf"
check "another's container is as it was" test -e /etc/pve/lxc/104.conf

# ---- the end
check 'setup takes back what it made' setup --undo --purge --yes
for path in /etc/appstore $unit /etc/privexec/policies.d/appstore.yaml /var/lib/appstore; do
  check "$path is gone" fails test -e "$path"
done
check 'so is the account' fails id appstore
[ $failures = 0 ] || {
  journalctl -q -o short-monotonic -u appstore -u 'privexecd-*' | tail -n 200 >out/journal
  cp /run/lab.log out/
}
finish
