#!/usr/bin/env bash
# enter_folder.sh ROOT [--bind FROM:TO | --bind-ro FROM:TO]... [--env NAME=VALUE]... -- COMMAND...
# Run COMMAND as an ordinary user inside ROOT. Mounts, processes and network are its own: nothing
# stays mounted or running after it, and nothing outside can be reached. Its exit status is ours.
set -euo pipefail
root=$(realpath "${1:?}")
shift
binds=() env=()
while (($#)) && [[ $1 != -- ]]; do
    case $1 in
        --bind) binds+=("rw:$2") ;;
        --bind-ro) binds+=("ro:$2") ;;
        --env) env+=("$2") ;;
        *) echo "unknown argument $1" >&2; exit 2 ;;
    esac
    shift 2
done
shift

# shellcheck disable=SC2016 # runs in a shell of its own
inside='
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -m 700 "$root/tmp/home" "$root/tmp/runtime"
chown 4242:4242 "$root/tmp/home" "$root/tmp/runtime"
while [[ $1 != -- ]]; do
    IFS=: read -r mode from to <<<"$1"; shift
    [[ -e $root$to ]] || mkdir -p "$root$to"
    mount --rbind "$from" "$root$to"
    [[ $mode == rw ]] || mount -o remount,ro,bind "$root$to"
done
shift
ip link set lo up 2>/dev/null || true
# Not exec: the user that it becomes would lose what ends it when we are killed.
status=0
chroot --userspec=4242:4242 "$root" /usr/bin/env -i -C /tmp "$@" || status=$?
exit "$status"
'
exec unshare --mount --propagation private --net --pid --fork --kill-child \
    bash -c "$inside" enter_folder "$root" "${binds[@]}" -- \
    PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp/home XDG_RUNTIME_DIR=/tmp/runtime \
    LANG=C.UTF-8 USER=painter "${env[@]}" "$@"
