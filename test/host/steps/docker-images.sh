#!/bin/sh
# docker-images.sh [DIRECTORY [NAME...]]: images of PostgreSQL, all or those, made in DIRECTORY of the files of this
# machine's own packages, since there is no registry to fetch one from. None can start by itself: what they are run with
# must not depend on an image's entrypoint.
#
#   postgres:VERSION  programs as Debian has them, dash and coreutils; the account postgres is 999; says PG_MAJOR
#   other:VERSION     programs in /usr/local/bin, busybox; the account postgres is 70, as in Alpine; says no version
#
# ENGINE: the words of another client than Docker's.
set -eu
engine=${ENGINE:-/usr/bin/docker}
version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -n | tail -n 1)
[ -n "$version" ] || { echo 'docker-images.sh: no PostgreSQL below /usr/lib/postgresql' >&2; exit 1; }
directory=${1:-/run/throwaway-host}
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- postgres other
programs=/usr/lib/postgresql/$version
work=$(mktemp -d "$directory/images.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Another client may be another account's.
chmod 755 "$work"

# Programs, the libraries that they need, and data. The compiler for queries would bring 100 MB more.
files() {
  find "/usr/share/postgresql/$version" /usr/share/zoneinfo /usr/lib/locale/C.utf8 -type f
  code=$(find "$programs" -type f ! -name 'llvmjit*' ! -path '*/bitcode/*')
  [ "$1" != postgres ] || code="$code $(dpkg -L coreutils diffutils dash | grep -E '^(/usr)?/bin/[^/]+$') /bin/sh"
  printf '%s\n' $code
  # ldd says 1 when a file is no program.
  { ldd $code 2>/dev/null || true; } | sed -n 's,^\t\(.* => \)\{0\,1\}\(/[^ ]*\) (0x.*,\2,p' | sort -u
}

# image NAME UID, and further arguments of docker import
image() {
  name=$1 uid=$2
  shift 2
  root=$work/$name
  mkdir -p "$root/etc" "$root/tmp" "$root/run" "$root/var/lib/postgresql/data" "$root/bin"
  chmod 1777 "$root/tmp"
  printf 'root:x:0:0:root:/root:/bin/sh\npostgres:x:%s:%s::/var/lib/postgresql:/bin/sh\n' "$uid" "$uid" >"$root/etc/passwd"
  printf 'root:x:0:\npostgres:x:%s:\n' "$uid" >"$root/etc/group"
  transform=s,^$,,
  if [ "$name" = other ]; then
    cp /bin/busybox "$root/bin/busybox"
    for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
    # Programs find libraries relative to themselves, and their data where they were built for.
    transform="s,^${programs#/}/\\(bin\\|lib\\)/,usr/local/\\1/,"
  fi
  files "$name" | sed s,^/,, | sort -u >"$work/files"
  # Only what is the machine's is followed: libraries by their links.
  tar -C / --dereference --hard-dereference --transform "$transform" --files-from "$work/files" -cf "$work/tar"
  tar -C "$root" -rf "$work/tar" .
  $engine import --change 'ENTRYPOINT ["/bin/false"]' --change 'VOLUME /var/lib/postgresql/data' "$@" \
    "$work/tar" "$name:$version" >/dev/null
}
for name; do
  ! $engine image inspect "$name:$version" >/dev/null 2>&1 || continue
  case $name in
  # One variable each: Podman takes what follows the first "=" for its value.
  postgres) image postgres 999 --change "ENV PG_MAJOR=$version" --change "ENV PATH=$programs/bin:/usr/bin:/bin" ;;
  other) image other 70 --change 'ENV PATH=/usr/local/bin:/bin' --change 'USER 70' ;;
  *) echo "docker-images.sh: there is no image $name" >&2; exit 64 ;;
  esac
done
