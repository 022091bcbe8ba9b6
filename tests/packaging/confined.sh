#!/usr/bin/env bash
# confined.sh ROOT: runs what is in the image that is mounted at ROOT as ops/compose.yaml runs it: a user without rights
# or capabilities, a root that cannot be written, a state of its own; asked by `ready`, and ended by SIGTERM.
set -euo pipefail
root=${1:?confined.sh ROOT: where the image is mounted}

# With mounts and processes of its own, which end with it.
if [[ ${CONFINED:-no} == no ]]; then
    CONFINED=yes exec unshare --mount --pid --fork --kill-child --net -- "$0" "$root"
fi
ip link set lo up

fail() {
    echo "confined.sh: $1" >&2
    exit 1
}

inside=(chroot "$root" setpriv --reuid 10001 --regid 10001 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs
    env --ignore-environment PATH=/usr/local/bin:/usr/bin:/bin)

# What the user could write if the root were not closed, on one line, without what is everybody's. `find` complains of
# what it may not see.
writable() {
    { "${inside[@]}" find / -xdev -writable -not -type l -not -type c 2>/dev/null || true; } |
        sed --regexp-extended '\#^/(tmp|var/tmp|run/lock|dev|dev/.*)$#d' | sort | tr '\n' ' '
}

mount --bind "$root" "$root"
for one in /var/lib/socai /var/lib/socai-keys /var/lib/socai-backup; do
    [[ $(stat --format '%u:%g %a' "$root$one") == '10001:10001 700' ]] || fail "$one: not its user's alone"
done
own=$(writable)
[[ $own == '/var/lib/socai /var/lib/socai-backup /var/lib/socai-keys ' ]] || fail "its user may write $own"

mount --options remount,ro,bind "$root"
mount --types tmpfs --options uid=10001,gid=10001,mode=0700 tmpfs "$root/var/lib/socai"
mount --types proc proc "$root/proc"
if "${inside[@]}" touch /var/lib/socai-keys/written 2>/dev/null; then fail "the root can be written"; fi
"${inside[@]}" grep --quiet 'BEGIN CERTIFICATE' /etc/ssl/certs/ca-certificates.crt || fail "it knows no authority"

"${inside[@]}" socai init /var/lib/socai/ledger --origin tested >/dev/null
"${inside[@]}" socai serve --data /var/lib/socai/ledger &
serving=$!
deadline=$((SECONDS + 60))
until "${inside[@]}" ready 2>/dev/null; do
    ((SECONDS < deadline)) || fail "not ready after a minute"
    kill -0 $serving 2>/dev/null || fail "it ended by itself"
done
rights=$(grep --extended-regexp '^(CapEff|CapBnd|NoNewPrivs):' "$root/proc/$serving/status" | tr --delete '\n\t')
[[ $rights == CapEff:0000000000000000CapBnd:0000000000000000NoNewPrivs:1 ]] || fail "it has rights, or could gain some: $rights"
kill -TERM $serving
wait $serving || fail "asked to end, it ended with exit status $?"
