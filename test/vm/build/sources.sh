#!/bin/sh
# Prints apt's sources for SUITE: the mirrors that this machine uses, with contrib, where OpenZFS is.
set -eu
suite=$1
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E "/$1/?\$" | head -n 1; }
debian=$(mirror debian)
security=$(mirror debian-security)
: "${debian:=http://deb.debian.org/debian}" "${security:=http://deb.debian.org/debian-security}"
options='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
echo "deb $options $debian $suite main contrib"
echo "deb $options $debian $suite-updates main contrib"
echo "deb $options $security $suite-security main contrib"
