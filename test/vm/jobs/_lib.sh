# Read by jobs: `. /job/jobs/_lib.sh`. A job prints TAP and exits 0 when every check held.
set -u
checks=0
failures=0

# note TEXT: a line of explanation.
note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# check TITLE COMMAND...: one line of TAP; what a command that fails has said follows as a note.
check() {
  title=$1
  shift
  checks=$((checks + 1))
  if said=$("$@" 2>&1); then
    printf 'ok %d - %s\n' $checks "$title"
  else
    status=$?
    failures=$((failures + 1))
    printf 'not ok %d - %s\n' $checks "$title"
    note "exit status $status: $said"
  fi
}

# Comparisons for check.
equal() { [ "$1" = "$2" ] || { printf 'is %s, should be %s\n' "$1" "$2"; return 1; }; }
matches() { printf '%s\n' "$1" | grep -Eq -- "$2" || { printf 'is %s, should match %s\n' "$1" "$2"; return 1; }; }
fails() { if "$@"; then echo 'has succeeded'; return 1; fi; }

# eventually SECONDS COMMAND...: tries until the command succeeds.
eventually() {
  until_second=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt $until_second ] || return 1
    sleep 0.5
  done
}

# make_pool [SIZE]: the pool `tank` on a file, since on a disk zpool waits for udev to name what it has partitioned, not
# always long enough here.
make_pool() { truncate -s "${1:-512M}" /var/tank.img && zpool create tank /var/tank.img; }

# make_base: the pool, on it the base of the policy pgd, which gives both properties to what is created below, and in that a
# project, `$base`: the policy names what lies in one.
databases=tank/pgd/databases
base=$databases/team
make_base() {
  make_pool && zfs create tank/pgd && zfs create -o setuid=off -o devices=off $databases && zfs create -o canmount=off $base
}

# finish: the plan, and the exit status of the job.
finish() {
  echo "1..$checks"
  [ $failures = 0 ]
  exit
}
