#!/bin/sh
# Runs a TypeScript file of this repository on the pinned Node, installing the locked packages first where they are not.
set -eu
# Accounts of the throwaway host read what is installed here.
umask 022
cd "$(dirname "$0")/.."
mark=node_modules/.installed-lock
if ! cmp -s pnpm-lock.yaml "$mark"; then
  echo "Installing the packages of pnpm-lock.yaml" >&2
  npx --yes pnpm@12.21.0 install --frozen-lockfile --reporter=silent >&2
  node_modules/.bin/tap build >&2
  cp pnpm-lock.yaml "$mark"
fi
PATH=$PWD/node_modules/.bin:$PATH
# Packages of this workspace lead to their sources; what is published leads to what was built.
NODE_OPTIONS="${NODE_OPTIONS:-} --conditions=@broker/source"
export PATH NODE_OPTIONS
exec node "$@"
