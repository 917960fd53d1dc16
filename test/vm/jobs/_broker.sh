# Read by jobs that install the examples with the transport `daemon`: accounts as systemd makes them, units as
# `policy install` writes them, but idle sooner; and calls from the sandbox of the app store's own unit.
examples=/job/policies/examples/daemon
audit=/var/log/privexec/appstore/audit.jsonl

# A small client that starts at once; `privexec run` is used where the library is what is tried.
install -m 755 /job/jobs/ask /usr/local/bin/ask

install_policies() {
  for name in "$@"; do
    install -D -m 644 $examples/rendered/privexec-"$name".sysusers.conf /etc/sysusers.d/privexec-"$name".conf
  done
  check 'systemd makes the accounts' systemd-sysusers
  case " $* " in *' appstore '*) install -d -o appstore -g appstore -m 750 /var/lib/appstore ;; esac
  for name in "$@"; do
    # shellcheck disable=SC2086
    check "the policy $name is installed" privexec policy install ${install_options-} $examples/"$name".yaml
    unit=/etc/systemd/system/privexecd-$name.service
    check 'its unit ends by itself when nobody calls' grep -q -- '--idle [0-9]' "$unit"
    sed -i 's/--idle [0-9]*/--idle 20/' "$unit"
    check 'systemd-analyze has nothing to say' equal "$(systemd-analyze verify "$unit" 2>&1)" ''
  done
  systemctl daemon-reload
}

state() { systemctl show -P ActiveState privexecd-"$1".service; }
is_state() { [ "$(state "$1")" = "$2" ]; }
main_pid() { systemctl show -P MainPID privexecd-"$1".service; }
unit_failed() { systemctl is-failed --quiet "$1".service; }

unit_file=$examples/rendered/appstore.service
. /job/jobs/_service.sh

# input VMID COMMAND...: the input of pct.exec as JSON.
input() {
  vmid=$1
  shift
  words=
  for word; do words="$words,\"$(printf %s "$word" | sed 's/[\\"]/\\&/g')\""; done
  printf '{"vmid":%s,"command":[%s]}' "$vmid" "${words#,}"
}
# app VMID COMMAND...: a command in a container, as the service asks for it.
app() { sandboxed ask appstore pct.exec "$(input "$@")"; }
on_terminal() { sandboxed ask -t appstore pct.exec "$(input "$@")"; }
