#!/bin/sh
# Fetches sudo-rs as Debian packages it, into a cache that tests on the throwaway host use:
#
#     install.sh [SUITE]        # trixie (Debian 13, the default), forky, sid
#
# Prints the directory: bin/sudo and bin/visudo, lib/ with the C library that they were built for, and `version`. The
# packages are read with lists of their own, so nothing is installed and the machine's sources stay as they are; apt checks
# the signatures with the keys of debian-archive-keyring. The programs are pointed at their own C library, since that of
# Debian 12 is too old for them. They get no set-user-id bit here: only a throwaway host gives it to a copy.
#
# A directory that is there already is used as it is; remove it to fetch again. BROKER_SUDO_RS_CACHE is another place for
# it; accounts of the host must be able to reach it. Exit status 77, and one line, where the packages cannot be had.
set -eu
umask 022
suite=${1:-trixie}
cache=${BROKER_SUDO_RS_CACHE:-/var/cache/broker-sudo-rs}
give_up() { echo "install.sh: $1" >&2; exit 77; }

case $suite in *[!a-z]* | '') echo 'usage: install.sh [SUITE]' >&2; exit 64 ;; esac
[ -e "$cache/$suite/version" ] && { echo "$cache/$suite"; exit 0; }
[ "$(id -u)" = 0 ] || give_up 'needs root, for files that a setuid program may load'
command -v apt-get >/dev/null && [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || give_up 'needs Debian (apt-get)'

mkdir -p "$cache"
# Tests may ask for it at once.
exec 9>"$cache/lock"
flock 9
[ -e "$cache/$suite/version" ] && { echo "$cache/$suite"; exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lists/partial cache/archives/partial packages
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $suite main" >sources
theirs="-o Dir::Etc::SourceList=$work/sources -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists=$work/lists
  -o Dir::Cache=$work/cache -o Dir::State::Status=/dev/null -o Acquire::Languages=none -o APT::Sandbox::User=root
  -o Acquire::Retries=1 -o Acquire::http::Timeout=20"
apt-get $theirs -qq update >log 2>&1 || give_up "the package lists of $suite cannot be read: $(tail -n 1 log)"
# apt warns, and goes on, when there is no network.
(cd packages && apt-get $theirs -qq download sudo-rs libc6 libgcc-s1 libstdc++6 patchelf) >log 2>&1 ||
  give_up "the packages cannot be fetched from $suite: $(tail -n 1 log)"
for package in packages/*.deb; do dpkg-deb --extract "$package" root; done

built=$work/built
mkdir "$built" "$built/bin" "$built/lib"
for library in root/usr/lib/*-linux-*/*.so.* root/lib/*-linux-*/*.so.*; do
  [ ! -e "$library" ] || cp -L "$library" "$built/lib"
done
loader=$(basename "$(ls "$built"/lib/ld-linux*.so.*)")
patchelf() { "$built/lib/$loader" --library-path "$built/lib" root/usr/bin/patchelf "$@"; }
for program in sudo visudo; do
  cp root/usr/lib/cargo/bin/$program "$built/bin"
  patchelf --set-interpreter "$cache/$suite/lib/$loader" --force-rpath --set-rpath "$cache/$suite/lib" "$built/bin/$program"
done
dpkg-deb --field packages/sudo-rs_*.deb Version >"$built/version"
# In one step, so that a half of it is never used.
rm -rf "${cache:?}/$suite" "$cache/$suite.new"
cp -a "$built" "$cache/$suite.new"
mv "$cache/$suite.new" "$cache/$suite"
echo "$cache/$suite"
