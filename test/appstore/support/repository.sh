#!/bin/sh
# repository.sh ROOT PACKAGE...: downloads packages and makes a repository of files of them, the only one that the container
# then knows.
set -eu
root=$1
shift
folder=$root/srv/repository
mkdir -p "$folder"
chroot "$root" apt-get clean
chroot "$root" apt-get install -qq -y --download-only "$@"
mv "$root"/var/cache/apt/archives/*.deb "$folder"
cd "$folder"
for file in *.deb; do
  dpkg-deb -f "$file"
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d' ' -f1)"
done >Packages
rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:///srv/repository ./' >"$root/etc/apt/sources.list"
rm -rf "$root"/var/lib/apt/lists/*
