# Which directives of a unit leave the two transports and Node working, one at a time, under the systemd of this suite.
. /job/jobs/_lib.sh

useradd --system --user-group --create-home --home-dir /var/lib/appstore --shell /usr/sbin/nologin appstore
check 'containers can be made' sh /job/host/steps/containers.sh
make_pool
zfs create -o canmount=noauto tank/shop
enter='/usr/bin/nsenter --mount=/proc/1/ns/mnt --'
echo "appstore ALL=(root) NOPASSWD: ${enter%%=*}\\=${enter#*=} /usr/sbin/pct exec 20001 -- /bin/true" >/etc/sudoers.d/probe

cat >/usr/local/bin/probe-node <<'P'
#!/usr/bin/node
// Enough work for the optimising compiler, and a child.
const { execFileSync } = require('node:child_process')
let sum = 0
const add = x => { sum = (sum + x * x) % 1000003 }
for (let i = 0; i < 3e5; i++) add(i)
execFileSync('/bin/true')
P
printf '#!/bin/sh -e\n%s /usr/sbin/zfs mount tank/shop\n%s /usr/sbin/zfs unmount tank/shop\n' "$enter" "$enter" \
  >/usr/local/bin/probe-zfs
chmod 755 /usr/local/bin/probe-*

works() { timeout 180 systemd-run --quiet --wait --pipe "$@" >/dev/null 2>&1 && echo yes || echo no; }
# All four at once, for there are two processors.
try() {
  works -p User=appstore -p NoNewPrivileges=no -p ProtectSystem=strict -p "$1" -- sudo -n $enter /usr/sbin/pct exec 20001 -- /bin/true >/run/works-sudo &
  works -p User=appstore -p NoNewPrivileges=yes -p "$1" -- /usr/local/bin/probe-node >/run/works-node &
  works -p NoNewPrivileges=yes -p ProtectSystem=strict -p "$1" -- $enter /usr/sbin/pct exec 20001 -- /bin/true >/run/works-pct &
  works -p NoNewPrivileges=yes -p ProtectSystem=strict -p "$1" -- /usr/local/bin/probe-zfs >/run/works-zfs &
  wait
  echo "sudo=$(cat /run/works-sudo) node=$(cat /run/works-node) pct=$(cat /run/works-pct) zfs=$(cat /run/works-zfs)"
}

# What leaves what working: sudo in a unit with User= and NoNewPrivileges=no under systemd 252, the same under 257, Node in
# such a unit with NoNewPrivileges=yes, and in a unit of root the re-entry with pct exec and with zfs.
version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
grep -v '^#' <<'D' >/run/directives
# 252 257 node pct zfs
yes yes yes yes yes ProtectSystem=strict
no  yes yes yes yes ProtectKernelTunables=yes
no  yes yes yes yes ProtectKernelModules=yes
no  yes yes yes yes ProtectKernelLogs=yes
yes yes yes yes yes ProtectControlGroups=yes
no  yes yes yes yes ProtectClock=yes
no  yes yes yes yes ProtectHostname=yes
yes yes yes yes yes ProtectProc=invisible
yes yes yes yes yes ProcSubset=pid
no  yes yes yes no  PrivateDevices=yes
no  no  yes no  yes PrivateNetwork=yes
yes yes yes yes yes PrivateIPC=yes
no  no  yes no  no  PrivateUsers=yes
yes yes yes yes yes PrivateTmp=yes
no  yes yes yes yes RestrictSUIDSGID=yes
no  yes yes yes yes RestrictRealtime=yes
no  no  yes no  no  RestrictNamespaces=yes
no  no  yes no  yes RestrictNamespaces=mnt
no  yes yes yes yes RestrictAddressFamilies=AF_UNIX
no  yes yes yes yes RestrictAddressFamilies=AF_UNIX AF_NETLINK
no  yes yes yes yes LockPersonality=yes
no  yes no  yes yes MemoryDenyWriteExecute=yes
no  yes yes yes yes SystemCallArchitectures=native
no  yes yes yes no  SystemCallFilter=@system-service
no  yes yes yes yes SystemCallFilter=@system-service @mount
no  yes yes yes yes SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap
yes yes yes yes yes RemoveIPC=yes
yes yes yes yes yes UMask=0077
yes yes yes yes yes KeyringMode=private
yes yes yes yes no  DevicePolicy=closed
yes yes yes yes yes InaccessiblePaths=-/root
no  no  yes no  no  CapabilityBoundingSet=
no  no  yes no  no  CapabilityBoundingSet=CAP_SYS_ADMIN
no  no  yes no  no  CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT
no  no  yes no  yes CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE
no  no  yes yes yes CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SETUID CAP_SETGID CAP_DAC_OVERRIDE
yes yes yes yes yes CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SETUID CAP_SETGID CAP_SETFCAP CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_SYS_RESOURCE CAP_CHOWN CAP_FOWNER CAP_KILL CAP_AUDIT_WRITE
D
while read -r old new node pct zfs directive; do
  [ "$version" = 252 ] && sudo=$old || sudo=$new
  check "$directive" equal "$(try "$directive")" "sudo=$sudo node=$node pct=$pct zfs=$zfs"
done </run/directives
finish
