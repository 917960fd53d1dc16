# Which directives of a unit leave the two transports and Node working, one at a time, under the systemd of this suite.
. /job/jobs/_lib.sh

useradd --system --user-group --create-home --home-dir /var/lib/appstore --shell /usr/sbin/nologin appstore
check 'containers can be made' sh /job/host/steps/containers.sh
zpool create tank /dev/disk/by-id/virtio-pool
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

works() { timeout 60 systemd-run --quiet --wait --pipe "$@" >/tmp/said 2>&1 && echo yes || echo no; }
try() {
  sudo=$(works -p User=appstore -p NoNewPrivileges=no -p ProtectSystem=strict -p "$1" -- sudo -n $enter /usr/sbin/pct exec 20001 -- /bin/true)
  node=$(works -p User=appstore -p NoNewPrivileges=yes -p "$1" -- /usr/local/bin/probe-node)
  pct=$(works -p NoNewPrivileges=yes -p ProtectSystem=strict -p "$1" -- $enter /usr/sbin/pct exec 20001 -- /bin/true)
  zfs=$(works -p NoNewPrivileges=yes -p ProtectSystem=strict -p "$1" -- /usr/local/bin/probe-zfs)
  echo "sudo=$sudo node=$node pct=$pct zfs=$zfs	$1"
}
mkdir -p out
while read -r directive; do try "$directive" | tee -a out/table | sed 's/^/# /'; done <<'D'
ProtectSystem=strict
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
PrivateDevices=yes
PrivateNetwork=yes
PrivateIPC=yes
PrivateUsers=yes
PrivateTmp=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
RestrictNamespaces=mnt
RestrictAddressFamilies=AF_UNIX
RestrictAddressFamilies=AF_UNIX AF_NETLINK
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=@system-service @mount
SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap
RemoveIPC=yes
UMask=0077
KeyringMode=private
DevicePolicy=closed
InaccessiblePaths=-/root
CapabilityBoundingSet=
CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SETUID CAP_SETGID CAP_DAC_OVERRIDE
CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SETUID CAP_SETGID CAP_SETFCAP CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_SYS_RESOURCE CAP_CHOWN CAP_FOWNER CAP_KILL CAP_AUDIT_WRITE
CapabilityBoundingSet=CAP_SYS_ADMIN
CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT
CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE
D
check 'each was tried' [ -s out/table ]
finish
