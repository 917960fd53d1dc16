# A project's life on OpenZFS with delegation and Docker, by the installed command, as an account without rights: with sudo
# and then with the root-side broker for what only root may do.
# wants: privexec
# wants: pgd
# memory: 6144
# limit: 7200
. /job/jobs/_lib.sh
. /job/jobs/_installed.sh
. /job/jobs/_pgd.sh

useradd --create-home --shell /bin/sh --groups docker alice
make_pool 6G
version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n')
note "$(zfs version | head -n 1), PostgreSQL $version, $(docker --version)"
check 'the engine starts' systemctl start docker
check 'an image of PostgreSQL is made' sh /job/host/steps/docker-images.sh /var/tmp postgres

# life CROWD: all chapters; those that fail count.
life() {
  node /job/life.mjs --version "$version" --crowd "$1" | tee /run/life
  checks=$((checks + $(grep -c '^\(not \)\{0,1\}ok ' /run/life)))
  failures=$((failures + $(grep -c '^not ok ' /run/life)))
  check 'the life came to its end' grep -q 'and nothing is left$' /run/life
}
rules() { sudo -l -U alice | sed -n '/may run/,$p'; }

# Twenty branches at once take as long as all the rest.
for each in sudo:20 daemon:4; do
  transport=${each%:*}
  note "transport $transport"
  check "pgd is set up with $transport" pgd setup --pool tank --user alice --quota 4g --transport $transport --yes
  note "$(rules)"
  case $transport in
  sudo)
    check 'alice may mount and unmount as root' matches "$(rules)" 'zfs.*mount'
    # Within an expression, which is anchored, a star repeats what is before it; outside, it would be anything.
    check 'and no rule has a wildcard' fails sh -c "sudo -l -U alice | grep NOPASSWD | sed 's/\^.*\\$//' | grep '[*?[]'"
    ;;
  daemon) check 'alice may do nothing by sudo' fails sh -c "sudo -l -U alice | grep NOPASSWD" ;;
  esac
  check 'the doctor finds no fault' runuser -u alice -- pgd doctor
  life "${each#*:}"
  check 'nothing is left in the base' equal "$(zfs list -rH -t all -o name $databases)" $databases
  check 'nor in the engine' equal "$(docker ps --all --quiet)$(docker volume ls --quiet)" ''
done
[ $failures = 0 ] || journalctl -q -o short-monotonic -u docker -u 'privexecd-*' | tail -n 80 >out/journal
cp -r /home/alice/.local/state out/state 2>/dev/null || true
finish
