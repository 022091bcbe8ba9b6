#!/usr/bin/env bash
# The units as systemd runs them: tests/packaging/booted.sh PROGRAM. A machine is booted from a copy of this one that is
# thrown away (an overlay, with a network of its own), installed as ops/systemd/README.md says, and looked at: every role
# ready under its restrictions and as a user of its own, the nightly check, a backup and what Prometheus is told of it.
# Needs root, systemd-container, PostgreSQL 15 of Debian, and nats-server.
set -euo pipefail
program=$(realpath "${1:?name the program}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=ops/tools.sh
. ops/tools.sh

place=$(mktemp -d)
machine=

fail() {
    echo "tests/packaging/booted.sh: $1" >&2
    inside journalctl --no-pager --output cat --lines 40 --unit 'socai*' >&2 || true
    exit 1
}

end() {
    if [[ -n $machine ]]; then
        kill "$machine" 2>/dev/null || true
        wait "$machine" || true
    fi
    umount "$place/upper/root" "$place/upper" 2>/dev/null || true
    rm -rf -- "$place"
}
trap end EXIT

# boot: what is enabled on this machine is not there.
boot() {
    mkdir "$place/upper"
    mount -t tmpfs tmpfs "$place/upper"
    root=$place/upper/root
    mkdir "$place"/upper/{root,changed,work}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper/changed,workdir=$place/upper/work" "$root"
    tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/socai "$root"/var/lib/{,private/}socai*
    mkdir -p "$root/handed"
    cp -r ops "$program" "$(command -v nats-server)" "$root/handed"
    systemd-nspawn --directory "$root" --boot --register=no --keep-unit --private-network --console=pipe \
        </dev/null >"$place/said" 2>&1 &
    machine=$!
    until first=$(pgrep --parent "$machine") && inside systemctl is-system-running --wait >/dev/null 2>&1; do
        kill -0 "$machine" 2>/dev/null || fail "it does not boot: $(<"$place/said")"
        ((SECONDS < 120)) || fail "it has not booted: $(inside systemctl list-jobs)"
    done
}

inside() { nsenter --target "$first" --all -- "$@"; }

installed() {
    inside bash -euo pipefail -s <<'INSIDE'
cd /handed
install -m 755 socai nats-server /usr/local/bin
id nats >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin nats
install -d /etc/socai
cp -r ops/nats /etc/socai/nats
ops/secrets.sh --hosts 127.0.0.1:6221,127.0.0.1:6222,127.0.0.1:6223 /etc/socai/secrets >/dev/null
units=/etc/systemd/system
for n in 1 2 3; do
    printf 'SOCAI_NATS_NAME=n%s\nSOCAI_NATS_LISTEN=127.0.0.1:422%s\nSOCAI_NATS_CLUSTER_LISTEN=127.0.0.1:622%s\n' \
        $n $n $n >/etc/socai/nats$n.env
    # Three on one machine.
    sed "s#nats\.env#nats$n.env#; s#socai-nats\$#socai-nats$n#" ops/systemd/socai-nats.service >$units/socai-nats$n.service
done
cp -r ops/systemd/socai@*.service ops/systemd/socai@*.service.d ops/systemd/socai.target ops/systemd/socai-check.* \
    ops/systemd/socai-backup* $units
sed -E 's#^servers = .*#servers = ["nats://127.0.0.1:4221"]#; s/^#(\[postgres\])/\1/; s/^#host = .*/host = "127.0.0.1"/' \
    ops/socai.toml >/etc/socai/socai.toml
systemctl daemon-reload
systemctl start socai-nats1 socai-nats2 socai-nats3
pg_dropcluster 15 main 2>/dev/null || true
pg_createcluster 15 main --port 5432 >/dev/null
systemctl start postgresql@15-main
# As PostgreSQL's own user: what is handed to root is read by root.
psql() { setpriv --reuid postgres --regid postgres --init-groups psql --quiet --set ON_ERROR_STOP=1 "$@"; }
psql --command 'CREATE DATABASE socai' postgres
psql socai <ops/postgres/roles.sql
for role in socai_owner:owner socai_projector:projector grafana_reader:grafana socai_credentials:credentials; do
    echo "ALTER ROLE ${role%:*} PASSWORD '$(</etc/socai/secrets/postgres/"${role#*:}".password)'" | psql socai
done
export SOCAI_NATS__LOGIN__USER=gateway SOCAI_NATS__LOGIN__PASSWORD=/etc/socai/secrets/socai/gateway.password
export SOCAI_NATS__SYSTEM__USER=auditor SOCAI_NATS__SYSTEM__PASSWORD=/etc/socai/secrets/socai/auditor.password
export SOCAI_POSTGRES__OWNER_PASSWORD_FILE=/etc/socai/secrets/socai/owner.password
# Three servers choose a leader first.
until socai init /etc/socai/socai.toml --origin hanoi >/dev/null; do ((SECONDS < 60)); done
socai projection migrate --config /etc/socai/socai.toml >/dev/null
systemctl start socai@{api,watcher,sealer,projector}
INSIDE
}

# told PORT LINE: whether Prometheus is told a line that begins so.
told() { inside curl --silent "http://127.0.0.1:$1/metrics" | grep "^$2" >/dev/null; }

every_role_is_ready_as_a_user_of_its_own() {
    local port role
    for port in 9464 9465 9466 9467; do
        until inside curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz"; do
            ((SECONDS < 240)) || fail "a role is not ready: $(inside curl --silent "http://127.0.0.1:$port/readyz")"
        done
        told "$port" process_start_time_seconds || fail "a process does not know when it started"
    done
    for role in api watcher sealer projector; do
        inside ps -o pid= -u "socai-$role" >/dev/null || fail "no process runs as socai-$role"
    done
}

what_runs_at_night_finds_nothing_wrong() {
    inside systemctl start socai-check socai-backup || fail "the check or the backup found something"
    until told 9466 socai_backup_position; do
        ((SECONDS < 300)) || fail "Prometheus is not told of the backup"
    done
}

they_stop_when_they_are_asked_to() {
    local role
    inside systemctl stop 'socai@*'
    for role in api watcher sealer projector; do
        [[ $(inside systemctl show --value --property Result "socai@$role") == success ]] ||
            fail "the role $role did not stop as it should"
    done
}

boot
installed || fail "it cannot be installed"
every_role_is_ready_as_a_user_of_its_own
what_runs_at_night_finds_nothing_wrong
they_stop_when_they_are_asked_to
echo "every unit runs under systemd $(inside systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p') as it is restricted"
