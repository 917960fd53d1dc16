# Read by jobs: containers 20001 and 104, and what the guards read of Proxmox VE. 20001 is ours; 20002 to 20004 exist on
# paper only, each with one thing that is wrong.
check 'containers can be made' sh /job/host/steps/containers.sh
on_paper() { printf 'arch: amd64\nostype: unmanaged\ntags: %s\n%s\n' "$2" "$3" >"/etc/pve/lxc/$1.conf"; }
on_paper 20002 production 'unprivileged: 1'
on_paper 20003 'appstore;managed' 'unprivileged: 0'
on_paper 20004 'appstore;managed' 'unprivileged: 1'
printf 'pool:appstore::20001,20002,20003::\npool:other::20004::\n' >/etc/pve/user.cfg
