# `pgd setup` on a kernel with OpenZFS: what its delegation and its policy give an account, and what they do not.
# wants: privexec
# wants: pgd
. /job/jobs/_lib.sh
. /job/jobs/_installed.sh
. /job/jobs/_pgd.sh

useradd --create-home alice
useradd --create-home mallory
make_pool
as() { user=$1; shift; runuser -u "$user" -- "$@"; }
value() { zfs get -Hp -o value "$1" "$2"; }

# ---- setup
note "$(zfs version | head -n 1)"
check 'a plan says what would be done' matches "$(pgd setup --pool tank --user alice --dry-run)" '^to do  the group pgd'
check 'and does nothing' fails zfs list $databases
check 'setup succeeds' pgd setup --pool tank --user alice --quota 256m --yes
check 'a second time there is nothing to do' fails sh -c 'pgd setup --pool tank --user alice --quota 256m --dry-run | grep "^to do"'
check 'alice is a member of pgd' matches "$(id -nG alice)" '(^| )pgd( |$)'
for property in canmount setuid devices exec; do
  check "$property of the base is off" equal "$(value $property $databases)" off
done
check 'it has the quota' equal "$(value quota $databases)" 268435456
check 'and a limit of datasets' equal "$(value filesystem_limit $databases)" 10000
note "$(zfs allow $databases)"
check 'the policy is in force' test -f /etc/privexec/policies.d/pgd.yaml
check 'its rules of sudo hold no wildcard' fails sh -c "sudo -l -U alice | grep -F '*' | grep -vE '\^.*\\\$'"

# ---- what alice may
shop=$databases/shop
facts='pgd:volume=x'
check 'she makes a project' as alice zfs create -o canmount=off -o pgd:project=x $shop
check 'and a volume in it' as alice zfs create -o canmount=noauto -o $facts $shop/main
check 'changes what is known of it' as alice zfs set pgd:volume=y $shop/main
check 'mounts it by the broker' as alice privexec run --policy pgd zfs.mount "{\"dataset\":\"$shop/main\"}"
check 'it is hers, where it should be' as alice touch /var/lib/pgd/databases/shop/main/file
check 'takes a snapshot' as alice zfs snapshot -o pgd:snapshot=x $shop/main@one
check 'clones it' as alice zfs clone -o canmount=noauto -o $facts $shop/main@one $shop/dev
check 'mounts the clone' as alice privexec run --policy pgd zfs.mount "{\"dataset\":\"$shop/dev\"}"
check 'it has the data' test -e /var/lib/pgd/databases/shop/dev/file
check 'unmounts it' as alice privexec run --policy pgd zfs.unmount "{\"dataset\":\"$shop/dev\"}"
check 'renames it' as alice zfs rename $shop/dev $shop/new
check 'promotes it' as alice zfs promote $shop/new
check 'unmounts the first' as alice privexec run --policy pgd zfs.unmount "{\"dataset\":\"$shop/main\"}"
for name in $shop/main $shop/new@one $shop/new $shop; do
  check "destroys $name" as alice zfs destroy $name
done

# ---- what she may not
as alice zfs create -o canmount=off $shop
as alice zfs create -o canmount=noauto $shop/main
for property in mountpoint=/etc setuid=on devices=on exec=on quota=none sharenfs=on overlay=off zoned=on; do
  check "she cannot set $property" fails as alice zfs set $property $shop/main
done
check 'nor create with a mount point' fails as alice zfs create -o canmount=noauto -o mountpoint=/etc $shop/bad
check 'nor delegate' fails as alice zfs allow -u mallory create $shop
check 'nor take a snapshot of it' fails as alice zfs snapshot $databases@x
check 'nor change its properties' fails as alice zfs set pgd:base=2 $databases
check 'nor create beside it' fails as alice zfs create -o canmount=off tank/pgd/other
check 'nor mount it' fails as alice privexec run --policy pgd zfs.mount "{\"dataset\":\"$databases\"}"
check 'nor a project' fails as alice privexec run --policy pgd zfs.mount "{\"dataset\":\"$shop\"}"
check 'nor another dataset by sudo itself' fails as alice sudo -n /usr/sbin/zfs mount tank/pgd
check 'mallory creates nothing' fails as mallory zfs create -o canmount=off $databases/hers
check 'and mounts nothing' fails as mallory privexec run --policy pgd zfs.mount "{\"dataset\":\"$shop/main\"}"
as alice zfs destroy $shop/main
as alice zfs destroy $shop
check 'nothing is left in the base' equal "$(zfs list -rH -o name $databases)" $databases
check 'she cannot destroy the base either' fails as alice zfs destroy $databases
check 'it is there' zfs list $databases

# ---- the doctor, who makes, copies and destroys as pgd itself does
said=$(as alice pgd doctor --json)
note "$said"
check 'the doctor makes and destroys a volume as alice' matches "$said" '"check":"probe","level":"ok"'
check 'and leaves nothing' equal "$(zfs list -rH -o name $databases)" $databases
check 'for mallory it says what lacks' matches "$(as mallory pgd doctor --json)" 'is no member of the group pgd'

# ---- what is changed by others is set right, and what is foreign is left
zfs allow -g pgd mountpoint $databases
zfs set exec=on $databases
check 'setup sets right what was changed' pgd setup --pool tank --quota 256m --yes
check 'the permission is gone' fails sh -c "zfs allow $databases | grep mountpoint"
check 'the property is back' equal "$(value exec $databases)" off
sed -i 1d /etc/privexec/policies.d/pgd.yaml
check 'a policy of somebody else is left' fails pgd setup --pool tank --quota 256m --yes
finish
