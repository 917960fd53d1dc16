# Read by jobs that live a project's life, `begin` and then `live`. Twenty branches at once take as long as all the rest.
. /job/jobs/_installed.sh
. /job/jobs/_pgd.sh

useradd --create-home --shell /bin/sh --groups docker alice
make_pool 6G
version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n')
note "$(zfs version | head -n 1), PostgreSQL $version, $(docker --version)"
check 'the engine starts' systemctl start docker
check 'an image of PostgreSQL is made' sh /job/host/steps/docker-images.sh /var/tmp postgres

# What alice may do by sudo.
rules() { sudo -l -U alice | sed -n '/may run/,$p'; }

# begin TRANSPORT: sets up, and asks the doctor.
begin() {
  check "pgd is set up with $1" pgd setup --pool tank --user alice --quota 4g --transport "$1" --yes
  note "$(rules)"
  check 'the doctor finds no fault' runuser -u alice -- pgd doctor
}

# live CROWD: all chapters with that many branches at once; those that fail count. Then nothing is left.
live() {
  node /job/life.mjs --version "$version" --crowd "$1" | tee /run/life
  checks=$((checks + $(grep -c '^\(not \)\{0,1\}ok ' /run/life)))
  failures=$((failures + $(grep -c '^not ok ' /run/life)))
  check 'the life came to its end' grep -q 'and nothing is left$' /run/life
  check 'nothing is left in the base' equal "$(zfs list -rH -t all -o name $databases)" $databases
  check 'nor in the engine' equal "$(docker ps --all --quiet)$(docker volume ls --quiet)" ''
  [ $failures = 0 ] || journalctl -q -o short-monotonic -u docker -u 'privexecd-*' | tail -n 80 >out/journal
  cp -r /home/alice/.local/state out/state 2>/dev/null || true
}
