# What every other job stands on.
. /job/jobs/_lib.sh

note "$(systemctl --version | head -n 1), kernel $(uname -r), $(zfs version | head -n 1), $(sudo -V | head -n 1)"
note "node $(node --version), $(cut -d ' ' -f 1 /proc/uptime) s after power-on"
check 'systemd is PID 1' equal "$(cat /proc/1/comm)" systemd
check 'the cgroups are version 2' [ -e /sys/fs/cgroup/cgroup.controllers ]
check 'OpenZFS is in the kernel' [ -e /sys/module/zfs/version ]
check 'a pool can be made' make_pool
check 'there is no network card' equal "$(ls /sys/class/net)" lo
check 'the kernel has AppArmor' equal "$(cat /sys/module/apparmor/parameters/enabled)" Y
check 'links in sticky directories are protected' equal "$(cat /proc/sys/fs/protected_symlinks)" 1
check 'containers can be made' sh /job/host/steps/containers.sh
check 'pct enters a container' equal "$(pct exec 20001 -- hostname)" ct20001
finish
