# Real delegation, and what the guards of zfs.mount and zfs.unmount read on this OpenZFS.
. /job/jobs/_lib.sh

useradd --create-home alice
useradd --create-home mallory
make_base
zfs create tank/other
zfs allow -u alice create,destroy,snapshot,clone,promote,rollback,rename,mount,canmount,compression,recordsize tank/pgd
note "$(zfs version | head -n 1)"

as() { user=$1; shift; runuser -u "$user" -- "$@"; }
facts() { zfs get -Hp -o property,value,source all "$1"; }
value() { zfs get -Hp -o value "$1" "$2"; }
mounted_at() { awk -v name="$1" '$1 == name { print $2 }' /proc/self/mounts; }

# ---- what delegation gives, and what it does not
check 'a delegated create with canmount=noauto exits 0' as alice zfs create -o canmount=noauto $base/shop
check 'a delegated create that would mount fails with the dataset made' fails as alice zfs create $base/loud
check 'it is there' zfs list $base/loud
check 'a delegated snapshot exits 0' as alice zfs snapshot $base/shop@one
check 'a delegated clone with canmount=noauto exits 0' as alice zfs clone -o canmount=noauto $base/shop@one $base/branch
check 'a delegated user cannot mount' fails as alice zfs mount $base/shop
check 'nor set a mount point, which is not delegated' fails as alice zfs set mountpoint=/etc $base/shop
check 'nor create with one' fails as alice zfs create -o canmount=noauto -o mountpoint=/etc $base/bad
for property in setuid=on devices=on exec=off overlay=off sharenfs=on; do
  check "nor set $property" fails as alice zfs set $property $base/shop
done
check 'nor delegate further' fails as alice zfs allow -u mallory create tank/pgd
check 'an account without delegation creates nothing' fails as mallory zfs create -o canmount=noauto $base/mallory
check 'nor does she outside of the delegation' fails as alice zfs create -o canmount=noauto tank/other/x

# ---- what guards read, and how the answer is spelled
note "zfs get -Hp -o property,value,source all $base/shop"
facts $base/shop | grep -E '^(type|mounted|mountpoint|canmount|setuid|devices|exec|overlay|origin|zoned|readonly)	' |
  while read -r line; do note "$line"; done
check 'type is spelled filesystem' equal "$(value type $base/shop)" filesystem
check 'type of a snapshot is spelled snapshot' equal "$(value type $base/shop@one)" snapshot
check 'an unmounted dataset says mounted no' equal "$(value mounted $base/shop)" no
# As long as nobody has set one, not even of the pool, the source is `default` all the way down.
check 'its mount point is the default one' equal \
  "$(facts $base/shop | grep '^mountpoint	')" "mountpoint	/$base/shop	default"
zfs set mountpoint=/srv/databases $base
check 'a mount point of the base is inherited' equal \
  "$(facts $base/shop | grep '^mountpoint	')" "mountpoint	/srv/databases/shop	inherited from $base"
zfs inherit mountpoint $base
check 'setuid is off, inherited' equal "$(facts $base/shop | grep '^setuid	')" "setuid	off	inherited from $databases"
check 'devices is off, inherited' equal "$(facts $base/shop | grep '^devices	')" "devices	off	inherited from $databases"
check 'canmount is what the creator said' equal "$(facts $base/shop | grep '^canmount	')" 'canmount	noauto	local'
check 'overlay is on by default' equal "$(facts $base/shop | grep '^overlay	')" 'overlay	on	default'
check 'a property that is not there prints nothing' equal "$(facts $base/shop@one | grep -c '^mountpoint	')" 0
check 'no such dataset: exit status 1, nothing on stdout' sh -c "! zfs get -Hp all $base/none 2>/dev/null | grep ."

# ---- mounting
check 'root mounts' zfs mount $base/shop
check 'and it says so' equal "$(value mounted $base/shop)" yes
check 'at the inherited place' equal "$(mounted_at $base/shop)" "/$base/shop"
check 'without set-user-id and devices' matches "$(grep "^$base/shop " /proc/self/mounts)" 'nosuid,nodev|nodev,.*nosuid'
check 'mounting twice: exit status 1' equal "$(zfs mount $base/shop 2>/dev/null; echo $?)" 1
note "mounting twice: $(zfs mount $base/shop 2>&1)"
check 'while it is mounted the value is what the mount has' equal "$(value setuid $base/shop)" off
mount -o remount,suid "/$base/shop"
note "after a remount with suid: $(facts $base/shop | grep '^setuid	')"
mount -o remount,nosuid "/$base/shop"
check 'unmounting what is in use: exit status 1' equal "$(cd "/$base/shop" && zfs unmount $base/shop 2>/dev/null; echo $?)" 1
check 'root unmounts' zfs unmount $base/shop
note "unmounting twice: $(zfs unmount $base/shop 2>&1)"
note "no such dataset: $(zfs mount $base/none 2>&1)"
mkdir -p "/$base/branch" && touch "/$base/branch/file"
check 'mounting over a folder that is not empty succeeds with overlay=on' zfs mount $base/branch
zfs unmount $base/branch
zfs set overlay=off $base/branch
note "with overlay=off: $(zfs mount $base/branch 2>&1)"
check 'and fails with overlay=off' fails zfs mount $base/branch
zfs inherit overlay $base/branch
rm "/$base/branch/file"

# ---- a mount made in a private namespace is seen by nobody else; the re-entry leads to the host
enter() { unshare --mount nsenter --mount=/proc/1/ns/mnt -- "$@"; }
unshare --mount --propagation private zfs mount $base/branch
check 'a mount in a private namespace does not reach the host' equal "$(mounted_at $base/branch)" ''
check 'and the host says that it is not mounted' equal "$(value mounted $base/branch)" no
check 'a mount through the re-entry does' enter zfs mount $base/branch
check 'and is seen' equal "$(mounted_at $base/branch)" "/$base/branch"
zfs unmount $base/branch

# ---- special mount points
zfs set mountpoint=legacy $base/branch
check 'legacy is a word, not a path' equal "$(value mountpoint $base/branch)" legacy
note "mounting legacy: $(zfs mount $base/branch 2>&1)"
zfs set mountpoint=none $base/branch
check 'none is a word, not a path' equal "$(value mountpoint $base/branch)" none
note "mounting none: $(zfs mount $base/branch 2>&1)"
zfs set canmount=off $base/branch
note "mounting canmount=off: $(zfs mount $base/branch 2>&1)"
zfs set mountpoint=/etc $base/loud
check 'a mount point of its own is told with source local' equal \
  "$(facts $base/loud | grep '^mountpoint	')" 'mountpoint	/etc	local'
finish
