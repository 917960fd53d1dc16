# wants: privexec
# The root-side broker mounts and unmounts on the OpenZFS of this suite, for a person who has the rest by delegation; and its
# guards see what delegation, root's mistakes or a received stream have made of a dataset.
. /job/jobs/_lib.sh
. /job/jobs/_installed.sh
. /job/jobs/_broker.sh

make_base
zfs create -o canmount=noauto tank/pgd/outside
install_policies pgd
useradd --create-home --groups pgd alice
zfs allow -g pgd create,destroy,snapshot,clone,promote,rollback,mount,canmount tank/pgd
check 'the socket listens' systemctl enable --now privexecd-pgd.socket

alice() { runuser -u alice -- "$@"; }
call() { alice ask pgd zfs."$1" "{\"dataset\":\"$2\"}"; }
in_directory() { (cd "$1" && shift && "$@"); }
mounted_at() { awk -v name="$1" '$1 == name { print $2 }' /proc/self/mounts; }

# ---- what she may
check 'she creates a dataset by delegation' alice zfs create -o canmount=noauto $base/shop
check 'but cannot mount it' fails alice zfs mount $base/shop
check 'the broker mounts it' alice privexec run zfs.mount "{\"dataset\":\"$base/shop\"}" --policy pgd
note "privexecd: $(grep -E '^(NoNewPrivs|Seccomp|CapBnd|VmRSS)' "/proc/$(main_pid pgd)/status" | tr '\n\t' '  ')"
check 'in the host, where it belongs' equal "$(mounted_at $base/shop)" "/$base/shop"
check 'without set-user-id and devices' matches "$(grep "^$base/shop " /proc/self/mounts)" 'nosuid.*nodev|nodev.*nosuid'
check 'a second time is an error' matches "$(call mount $base/shop 2>&1)" 'already mounted'
check 'a program that uses it keeps it mounted' matches "$(in_directory /$base/shop call unmount $base/shop 2>&1)" busy
check 'the broker unmounts it' call unmount $base/shop
check 'it is gone' equal "$(mounted_at $base/shop)" ''
check 'a snapshot and a branch of it by delegation' alice sh -c \
  "zfs snapshot $base/shop@one && zfs clone -o canmount=noauto $base/shop@one $base/branch"
check 'the branch is mounted too' call mount $base/branch
check 'and unmounted' call unmount $base/branch

# ---- what she may not: by bounds
for dataset in $databases $base tank/pgd/outside tank "$base/shop@one" "$base/../outside" "$base/shop/" /etc; do
  check "not $dataset" matches "$(call mount "$dataset" 2>&1)" 'PRIVEXEC_(OUT_OF_BOUNDS|ARGUMENT_INVALID)'
done

# ---- what she may not: by guards, which all say the same
told() { call mount $base/"$1" 2>&1 | sed "s/$1/NAME/g; s/\"operation\":\"[0-9a-f]*\"//"; }
refusal=$(told none)
note "a dataset that does not exist: $refusal"
check 'a dataset that does not exist is refused by a guard' matches "$refusal" PRIVEXEC_GUARD_REFUSED
refused() {
  check "$1" equal "$(told guarded)" "$refusal"
  check '... and nothing is mounted' equal "$(mounted_at $base/guarded)" ''
}
guarded() { zfs create -o canmount=noauto "$@" $base/guarded; }
guarded -o mountpoint=/etc
refused 'a mount point of its own'
zfs set mountpoint=/$base/guarded $base/guarded
refused 'a mount point of its own, even when it is the right one'
zfs inherit mountpoint $base/guarded
zfs set setuid=on $base/guarded
refused 'setuid=on'
zfs inherit setuid $base/guarded
zfs set devices=on $base/guarded
refused 'devices=on'
zfs inherit devices $base/guarded
zfs set canmount=off $base/guarded
refused 'canmount=off'
zfs set canmount=noauto $base/guarded
mkdir -p /$base/guarded && touch /$base/guarded/file
refused 'a mount point that is not empty'
rm /$base/guarded/file && rmdir /$base/guarded && ln -s /etc /$base/guarded
refused 'a link in the place of the mount point'
rm /$base/guarded && mkdir /$base/guarded && chown alice /$base/guarded
refused 'a mount point that she owns'
rmdir /$base/guarded
zfs set mountpoint=legacy $base/guarded
refused 'mountpoint=legacy'
zfs set mountpoint=none $base/guarded
refused 'mountpoint=none'
zfs destroy $base/guarded
zfs create -V 8M $base/guarded
refused 'a volume'
zfs destroy $base/guarded
guarded
mount -t tmpfs none /$base && mkdir /$base/guarded
refused 'something else mounted over the base'
umount /$base
zfs unmount -a
zfs set mountpoint=/srv/elsewhere $databases
[ -n "$(mounted_at $databases)" ] || zfs mount $databases
check 'the base may be moved: what inherits from it follows' call mount $base/guarded
check 'to its place' equal "$(mounted_at $base/guarded)" /srv/elsewhere/team/guarded
mount -t zfs -o zfsutil $base/shop /mnt
check 'what root has mounted elsewhere is not unmounted' fails call unmount $base/shop
check 'it stays' equal "$(mounted_at $base/shop)" /mnt
umount /mnt

# ---- records
audit=/var/log/privexec/pgd/audit.jsonl
check 'the records are sound' privexec audit verify $audit
reasons=$(grep -o 'has a mountpoint of its own\|has setuid=on\|has devices=on\|is not empty\|is a link' $audit | sort | uniq -c)
note "$reasons"
check 'and tell root why each was refused' equal "$(echo "$reasons" | wc -l)" 5
useradd --create-home mallory
check 'a stranger cannot reach the socket' fails runuser -u mallory -- ask pgd zfs.mount "{\"dataset\":\"$base/shop\"}"
finish
