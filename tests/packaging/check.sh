#!/usr/bin/env bash
# What is handed out, taken as somebody takes it: tests/packaging/check.sh DIR, where ops/release.sh put it. The
# package is installed, changed, installed again, removed and purged in a folder of its own, as a user who need not
# be root; units are judged by systemd itself; the bill of materials is held against the lock file.
set -euo pipefail
handed_out=$(cd "${1:?name the folder that ops/release.sh filled}" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# systemd's own measure of what a service could do beyond its task, from 0 to 100 (ten times what it prints).
EXPOSURE_MAX=15

root=$(mktemp -d)
trap 'rm -rf -- "$root"' EXIT

fail() {
    echo "tests/packaging/check.sh: $1" >&2
    exit 1
}

# The package manager on a machine that has nothing: dependencies are not looked for, scripts are told the root.
package_manager() {
    fakeroot dpkg --root="$root" --force-not-root --force-depends --force-script-chrootless --force-bad-path \
        --log="$root/dpkg.log" "$@" >"$root/said" 2>&1 || fail "dpkg $*: $(<"$root/said")"
}

prepare_root() {
    mkdir -p "$root"/{etc,var/lib/dpkg/{info,updates,triggers}}
    : >"$root/var/lib/dpkg/status"
    printf 'root:x:0:0::/root:/bin/sh\n' >"$root/etc/passwd"
    printf 'root:x:0:\n' >"$root/etc/group"
}

contents_are_as_meant() {
    local listed line expected
    listed=$(dpkg-deb --contents "$1")
    for expected in usr/bin/socai etc/socai/socai.toml etc/socai/nats/accounts.conf etc/socai/nats/cluster/node.conf \
        usr/lib/systemd/system/socai@.service usr/lib/systemd/system/socai@sealer.service.d/log-key.conf \
        usr/lib/systemd/system/socai.target usr/lib/systemd/system/socai-check.timer \
        usr/lib/systemd/system/socai-backup.timer usr/lib/systemd/system/socai-backup-note.service usr/lib/sysusers.d/socai.conf \
        usr/lib/tmpfiles.d/socai.conf usr/share/bash-completion/completions/socai usr/share/man/man1/socai.1.gz \
        usr/share/socai/secrets.sh usr/share/socai/postgres/roles.sql usr/share/socai/prometheus/rules/alerts.yml \
        usr/share/socai/grafana/dashboards/city.json usr/share/doc/socai/runbook/README.md \
        usr/share/doc/socai/errors.md usr/share/doc/socai/copyright; do
        grep -q " \./$expected\$" <<<"$listed" || fail "the package has no $expected"
    done
    while read -r line; do
        # Everything is root's, and nothing can be written by others or takes rights from who owns it.
        [[ $line =~ ^[-d]rw[x-]r-[x-]r-[x-]\ (root/root|0/0)\  ]] || fail "not as meant: $line"
    done <<<"$listed"
}

program_runs() {
    local said
    said=$("$root/usr/bin/socai" --version)
    [[ $said == "socai $version" ]] || fail "socai --version says $said, and the package $version"
    bash -n "$root/usr/share/bash-completion/completions/socai"
    "$root/usr/bin/socai" init "$root/ledger" --origin hanoi >/dev/null
    "$root/usr/bin/socai" verify "$root/ledger" >/dev/null
}

configuration_is_kept() {
    echo '# changed by the operator' >>"$root/etc/socai/socai.toml"
    package_manager --install "$deb"
    grep -q 'changed by the operator' "$root/etc/socai/socai.toml" || fail "an upgrade threw the configuration away"
    grep -q '^nats:' "$root/etc/passwd" || fail "there is no user nats"
    [[ $(stat --format %a "$root/etc/socai/secrets") == 700 ]] || fail "others may look for secrets"
    echo secret >"$root/etc/socai/secrets/kept"
    package_manager --remove socai
    [[ ! -e $root/usr/bin/socai && -e $root/etc/socai/socai.toml ]] || fail "removing is not as meant"
    package_manager --purge socai
    [[ ! -e $root/etc/socai/socai.toml && -e $root/etc/socai/secrets/kept ]] || fail "purging is not as meant"
}

# units: systemd reads each, with every drop-in, and finds it confined.
units_are_confined() {
    local units=() role
    for role in api watcher sealer projector; do units+=("socai@$role.service"); done
    units+=(socai-check.service socai-backup.service socai-backup-note.service socai-nats.service)
    # A program to find where it is looked for: nats-server comes from elsewhere.
    install -D -m 755 /bin/true "$root/usr/bin/nats-server"
    systemd-analyze --root="$root" --offline=yes --threshold="$EXPOSURE_MAX" --no-pager security "${units[@]}" \
        >"$root/said" 2>&1 || fail "a unit may do too much: $(grep -E 'exposure|rror' "$root/said")"
    (($(grep -c 'Overall exposure' "$root/said") == ${#units[@]})) || fail "not every unit was judged: $(<"$root/said")"
}

deb=$(ls "$handed_out"/socai_*.deb)
version=$(dpkg-deb --field "$deb" Version)
version=${version%-*}
(cd "$handed_out" && sha256sum --quiet --check SHA256SUMS)
contents_are_as_meant "$deb"
prepare_root
package_manager --install "$deb"
program_runs
units_are_confined
configuration_is_kept
python3 tests/packaging/bill.py "$handed_out/socai-$version.cdx.json"
lintian --allow-root --fail-on error,warning --suppress-tags-from-file tests/packaging/lintian-accepted.txt "$deb"
