# A project's life on OpenZFS with delegation and Docker, by the installed command, as an account without rights, with sudo
# for what only root may do.
# wants: privexec
# wants: pgd
# memory: 6144
# limit: 7200
. /job/jobs/_lib.sh
. /job/jobs/_life.sh

begin sudo
check 'alice may mount and unmount as root' matches "$(rules)" 'zfs.*mount'
# Within an expression, which is anchored, a star repeats what is before it; outside, it would be anything.
check 'and no rule has a wildcard' fails sh -c "sudo -l -U alice | grep NOPASSWD | sed 's/\^.*\\$//' | grep '[*?[]'"
live 20
finish
