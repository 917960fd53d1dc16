# Read by jobs that call from the app store's own unit, whose rendered file is $unit_file; its program and profile aside.
grep -E '^ReadWritePaths=' $unit_file >/run/sandbox
sed -n '/^NoNewPrivileges=/,/^$/p' $unit_file | grep = >>/run/sandbox

# service OPTIONS COMMAND...: a command in that unit; OPTIONS are words for systemd-run, which come last and so win.
service() {
  options=$1
  shift
  # shellcheck disable=SC2086
  set -- $options -p User=appstore -p Group=appstore -p StateDirectory=appstore -- "$@"
  while read -r directive; do set -- -p "$directive" "$@"; done </run/sandbox
  systemd-run --quiet "$@"
}
sandboxed() { service '--wait --pipe' "$@"; }
