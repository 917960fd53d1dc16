# wants: privexec
# The sudo transport from the rendered unit of the service, as docs/how-to/systemd-service.md says, under this suite's systemd.
. /job/jobs/_lib.sh
. /job/jobs/_installed.sh

useradd --system --user-group --create-home --home-dir /var/lib/appstore --shell /usr/sbin/nologin appstore
check 'containers can be made' sh /job/host/steps/containers.sh
check 'the policy is installed' privexec policy install /job/policies/appstore.yaml
install -d -o appstore -g appstore -m 750 /var/log/privexec/appstore

unit_file=/job/policies/rendered/appstore.service
. /job/jobs/_service.sh
exec_in() { service "--wait --pipe $1" privexec run pct.exec '{"vmid":20001,"command":["id","-u"]}' --policy appstore; }

check 'a command runs in the container' equal "$(exec_in '')" 0
echo pushed >/var/lib/appstore/file
check 'content is pushed' sandboxed privexec run pct.push \
  '{"vmid":20001,"destination":"/root/file"}' --policy appstore --content /var/lib/appstore/file
check 'and has arrived' equal "$(pct exec 20001 -- cat /root/file)" pushed
note "with NoNewPrivileges=yes: $(exec_in '-p NoNewPrivileges=yes' 2>&1)"
check 'with NoNewPrivileges=yes sudo is no way' fails exec_in '-p NoNewPrivileges=yes'
check "another's container is refused" equal "$(sandboxed privexec run pct.exec \
  '{"vmid":104,"command":["id"]}' --policy appstore >/dev/null 2>&1; echo $?)" 77

check 'doctor finds no fault, asked in the unit' sandboxed privexec doctor appstore

check 'a unit with a long command starts' service --unit=long \
  privexec run pct.exec '{"vmid":20001,"command":["sleep","86000"]}' --policy appstore
check 'the command begins' eventually 60 pgrep -f '^sleep 86000'
check 'stopping its unit ends it in the container' systemctl stop long.service
check 'nothing of it is left' fails pgrep -f '^sleep 86000'
check 'the audit is sound' privexec audit verify /var/log/privexec/appstore/audit.jsonl
check "and agrees with root's record" privexec audit reconcile --policy appstore
finish
