# Read by scripts that need Debian packages: `. "$(dirname "$0")/../support/packages.sh"`. As root, with `set -eu`.

# install_packages NAME...: installs those that are missing, which are left in $missing. No service is started.
install_packages() {
  missing=
  for package; do
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true) in
    ii*) ;;
    *) missing="$missing $package" ;;
    esac
  done
  [ -n "$missing" ] || return 0

  # policy-rc.d says 101, "not allowed", to every start that a package's script asks for. One that is there stays.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    trap 'rm -f $policy' EXIT
  fi
  echo "Installing$missing" >&2
  export DEBIAN_FRONTEND=noninteractive
  try_installing 2>/dev/null || { apt-get update -qq && try_installing; }
}

# shellcheck disable=SC2086
try_installing() { apt-get install -qq -y --no-install-recommends $missing >/dev/null; }
