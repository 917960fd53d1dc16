#!/bin/sh
# The host's accounts and the directories that the policies name. Safe to repeat.
set -eu
# A checkout may be for its owner only; the accounts run scripts of it. Installed packages are readable already.
repository=$(cd "$(dirname "$0")/../../.." && pwd)
find "$repository/package.json" "$repository/apps" "$repository/packages" "$repository/policies" "$repository/test" \
  -name node_modules -prune -o ! -type l ! -perm -o=r -exec chmod a+rX {} +
have() { getent "$1" "$2" >/dev/null; }

# appstore: a service. alice: a person in the group pgd. mallory: a person with no rights at all.
have passwd appstore || useradd --system --user-group --create-home --home-dir /var/lib/appstore --shell /usr/sbin/nologin appstore
have group pgd || groupadd --system pgd
have passwd alice || useradd --create-home --groups pgd --shell /bin/sh alice
have passwd mallory || useradd --create-home --shell /bin/sh mallory
chmod 750 /var/lib/appstore /home/alice /home/mallory

# Staging: root owns every directory on the way; only the principal's group may pass the last but one; in `drop` anybody
# who came that far may leave a file, and nobody may touch another's.
install -d -m 755 /var/lib/privexec /var/lib/privexec/staging /var/log/privexec
for policy in appstore:appstore pgd:pgd; do
  name=${policy%:*}
  group=${policy#*:}
  install -d -o root -g "$group" -m 710 "/var/lib/privexec/staging/$name"
  install -d -o root -g root -m 1777 "/var/lib/privexec/staging/$name/drop"
done
install -d -o appstore -g appstore -m 750 /var/log/privexec/appstore
install -d -o root -g pgd -m 2770 /var/log/privexec/pgd
