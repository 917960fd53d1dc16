# Read by jobs that want pgd: puts it where npm would, and its command into the PATH.
mkdir -p /usr/lib/node_modules/@broker
mv /job/pgd /usr/lib/node_modules/@broker/pgd
ln -s /usr/lib/node_modules/@broker/pgd/dist/cli/main.js /usr/bin/pgd
chmod 755 /usr/lib/node_modules/@broker/pgd/dist/cli/main.js
