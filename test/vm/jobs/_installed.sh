# Read by jobs that want the package: puts it where npm would, and its command into the PATH.
mkdir -p /usr/lib/node_modules/@broker
mv /job/privexec /usr/lib/node_modules/@broker/privexec
chmod 755 /usr/lib/node_modules/@broker/privexec/dist/cli/main.js
ln -s /usr/lib/node_modules/@broker/privexec/dist/cli/main.js /usr/bin/privexec
