# The life of `pgd-life` with the root-side broker for what only root may do.
# wants: privexec
# wants: pgd
# memory: 6144
# limit: 7200
. /job/jobs/_lib.sh
. /job/jobs/_life.sh

begin daemon
check 'alice may do nothing by sudo' fails sh -c "sudo -l -U alice | grep NOPASSWD"
live 4
finish
