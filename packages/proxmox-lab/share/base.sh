#!/bin/sh
# Makes the base that guests share from the machine's own files, in the working directory: directories of /usr, five
# deep (a guest may then write where the machine's root owns the directory), and a copy of what everybody may read below
# /etc and of dpkg's records. OWNER is who is the guests' root, as chown takes it, or -; SHARE has the stand-ins.
set -eu
umask 022
rm -rf new
mkdir -p new/usr new/root
(cd /usr && find . -xdev -maxdepth 5 -type d -perm -o=rx -print0) | (cd new/usr && xargs -0 mkdir -p)
cd new/root
for link in bin sbin lib lib32 lib64 libx32; do
  [ -L /$link ] && cp -P /$link $link || true
done
mkdir -p usr etc root home opt srv mnt media tmp var/tmp var/log/apt var/cache/apt/archives/partial var/lib/apt/lists/partial \
  var/lib/dpkg/updates var/spool dev proc sys run
chmod 1777 tmp var/tmp
chmod 700 root
ln -s /run var/run
ln -s /run/lock var/lock
(cd /etc && find . -xdev \( -path ./systemd/system/\*.wants -o -path ./ssh -o -path ./sudoers.d -o -path ./cron.d -o -path ./pve \) \
  -prune -o \( -type f -perm -o=r -o -type l \) -print0 | tar -cf - --null --no-recursion -T - 2>/dev/null) | tar -xf - -C etc --no-same-owner
rm -f etc/mtab etc/hostname etc/machine-id etc/.pwd.lock
(cd /var/lib/dpkg && find . -type f -perm -o=r ! -name 'lock*' -print0 | tar -cf - --null --no-recursion -T -) |
  tar -xf - -C var/lib/dpkg --no-same-owner
printf 'root:*:19000:0:99999:7:::\n' >etc/shadow
chmod 640 etc/shadow
mkdir -p etc/apt/apt.conf.d
printf 'APT::Sandbox::User "root";\nDPkg::Options { "--force-confdef"; "--force-confold"; };\n' >etc/apt/apt.conf.d/99lab
cp "$SHARE/systemctl" "$SHARE/journalctl" ../usr/bin/
chmod 755 ../usr/bin/systemctl ../usr/bin/journalctl
cd ../..
if [ "$OWNER" != - ]; then chown -Rh "$OWNER" new; fi
mv new done
