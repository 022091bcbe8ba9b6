#!/usr/bin/env bash
# The parts of ops/city, which sources this: how each is configured, started and known to be ready. $dir is
# where all of it is kept, $socai the binary.
: "${dir:?ops/city sets it}"

# Every port that is needed, in order; the first are those that ops/systemd has as well.
PORTS=(
    api-1 watcher sealer-1 projector api-2 sealer-2
    metrics-api-1 metrics-watcher metrics-sealer-1 metrics-projector metrics-api-2 metrics-sealer-2
    n1 n2 n3 route-1 route-2 route-3 postgres prometheus
)
# The years of the demonstration, as if they were a term: there is something to see, whatever year it is.
YEARS=2021-01-01/2025-12-31
ROLES=(api-1 api-2 watcher sealer-1 sealer-2 projector)

port() { sed -n "s/^$1=//p" "$dir/ports"; }

# choose_ports FIRST: twenty in a row from FIRST, or where it is 0 whichever are free.
choose_ports() {
    local numbers at
    mapfile -t numbers < <(if (($1 == 0)); then free_ports; else seq "$1" $(($1 + ${#PORTS[@]} - 1)); fi)
    for at in "${!PORTS[@]}"; do
        if (exec 3<>"/dev/tcp/127.0.0.1/${numbers[at]}") 2>/dev/null; then
            fail "port ${numbers[at]}, for ${PORTS[at]}, is taken: name the first of ${#PORTS[@]} others with --ports"
        fi
        echo "${PORTS[at]}=${numbers[at]}"
    done >"$dir/ports.draft"
    mv -- "$dir/ports.draft" "$dir/ports"
}

free_ports() {
    python3 - "${#PORTS[@]}" <<'FREE'
import socket, sys
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(listener.getsockname()[1] for listener in listeners), sep="\n")
FREE
}

# configure: secrets, and the configuration of socai; each field stands in ops/socai.toml with its meaning.
configure() {
    ops/secrets.sh --hosts "127.0.0.1:$(port route-1),127.0.0.1:$(port route-2),127.0.0.1:$(port route-3)" \
        "$dir/secrets" >"$dir/log/secrets"
    cat >"$dir/socai.toml" <<TOML
# Made by ops/city at every start. ops/socai.toml says what each field means.
[nats]
servers = ["nats://127.0.0.1:$(port n1)", "nats://127.0.0.1:$(port n2)", "nats://127.0.0.1:$(port n3)"]
stream = "LEDGER"
prefix = "ledger.hanoi"
login = { user = "gateway", password = "$dir/secrets/socai/gateway.password" }
system = { user = "auditor", password = "$dir/secrets/socai/auditor.password" }

[postgres]
host = "127.0.0.1"
port = $(port postgres)
password_file = "$dir/secrets/socai/projector.password"
owner_password_file = "$dir/secrets/socai/owner.password"
reader_password_file = "$dir/secrets/postgres/grafana.password"
credentials_password_file = "$dir/secrets/socai/credentials.password"

[serve]
state = "$dir/state/command"

[sealer]
key = "$dir/log.key"

[metrics]
window = "$YEARS"
TOML
}

start_nats() {
    local number
    for number in 1 2 3; do
        # The servers' configuration asks the environment; what is secret comes into it out of a file.
        # shellcheck disable=SC2016 # for the shell that it starts
        begin "n$number" env SOCAI_NATS_NAME="n$number" SOCAI_NATS_STORE="$dir/nats/n$number" \
            SOCAI_NATS_LISTEN="127.0.0.1:$(port "n$number")" \
            SOCAI_NATS_CLUSTER_LISTEN="127.0.0.1:$(port "route-$number")" \
            bash -c 'set -a; . "$1"; exec "$2" -c "$3"' nats \
            "$dir/secrets/nats/passwords.env" "$SOCAI_TOOLS/bin/nats-server" "$PWD/ops/nats/cluster/node.conf"
    done
}

# PostgreSQL refuses to be root: then it is the user that Debian's package made.
start_postgres() {
    local as=() bin=$1 data=$dir/postgres
    if ((EUID == 0)); then
        as=(setpriv --reuid=postgres --regid=postgres --init-groups)
        "${as[@]}" test -x "$dir" || fail "the user postgres does not reach $dir: name another folder with --dir"
    fi
    [[ -d $data ]] || make_database "$bin" "$data" "${as[@]}"
    begin postgres "${as[@]}" "$bin/postgres" -D "$data" -p "$(port postgres)" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories=
    until_so "PostgreSQL answers" 120 "$bin/pg_isready" --host=127.0.0.1 --port="$(port postgres)"
    PGPASSWORD=$(<"$dir/secrets/postgres/superuser.password") PGHOST=127.0.0.1 PGPORT=$(port postgres) \
        PGUSER=postgres PATH=$bin:$PATH make_roles
}

# make_database BIN DATA AS…
make_database() {
    local bin=$1 data=$2
    shift 2
    rm -rf -- "$data.draft"
    mkdir -m 700 -- "$data.draft"
    install -m 600 "$dir/secrets/postgres/superuser.password" "$data.draft/password"
    if ((EUID == 0)); then chown -R postgres: "$data.draft"; fi
    (cd / && "$@" "$bin/initdb" --pgdata="$data.draft/data" --pwfile="$data.draft/password" --username=postgres \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums) >"$dir/log/initdb.log" 2>&1 ||
        fail "initdb: $(tail -n 5 "$dir/log/initdb.log")"
    cat ops/postgres/postgresql.conf >>"$data.draft/data/postgresql.conf"
    mv -- "$data.draft/data" "$data"
    rm -rf -- "$data.draft"
}

# make_roles: the database and who may do what in it; done again it changes nothing.
make_roles() {
    psql --no-psqlrc --quiet --tuples-only --command "SELECT 1 FROM pg_database WHERE datname = 'socai'" postgres |
        grep -q 1 || createdb socai
    PGDATABASE=socai psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file ops/postgres/roles.sql
    PGDATABASE=socai ops/postgres/passwords.sh "$dir/secrets/postgres/@.password"
}

# fill: the demonstration's ledger, moved to NATS byte by byte, accounts, and the tables.
fill() {
    local ledger=$dir/demo/so-cai
    : "${socai:?ops/city sets it}"
    if [[ ! -e $dir/log.key ]]; then
        rm -rf -- "$dir/demo"
        "$socai" demo --once --keep "$dir/demo" >"$dir/log/demo"
        until_so "the ledger is on NATS" 180 "$socai" migrate --from "$ledger" --to "$dir/socai.toml"
        install -m 600 "$ledger/keys/log.key" "$dir/log.key"
    fi
    until_so "the ledger on NATS can be read" 180 "$socai" account list --data "$dir/socai.toml"
    make_account operator
    make_account inspector
    "$socai" projection migrate --config "$dir/socai.toml" >"$dir/log/tables"
}

# make_account ROLE: an account that is called as its one role, and a token of it in a file.
make_account() {
    if [[ -s $dir/$1.token ]]; then return; fi
    "$socai" account create "$1" --role "$1" --data "$dir/socai.toml" >"$dir/log/accounts"
    "$socai" account token "$1" --data "$dir/socai.toml" | grep -o 'socai_[A-Za-z0-9_-]*' >"$dir/$1.token"
}

start_roles() {
    local name
    for name in "${ROLES[@]}"; do
        begin "$name" env SOCAI_SERVE__STATE="$dir/state/$name" \
            SOCAI_METRICS__LISTEN="127.0.0.1:$(port "metrics-$name")" \
            "$socai" serve --config "$dir/socai.toml" --roles "${name%-*}" --listen "127.0.0.1:$(port "$name")"
    done
    for name in "${ROLES[@]}"; do
        until_so "$name is ready" 180 ops/compose/ready "$(port "$name")"
    done
}

# As it is shipped, with this city's processes as targets.
start_prometheus() {
    local name
    mkdir -p "$dir/prometheus"
    cp -r ops/prometheus/prometheus.yml ops/prometheus/rules "$dir/prometheus"
    for name in "${ROLES[@]}"; do
        printf -- '- { targets: ["127.0.0.1:%s"], labels: { process: %s } }\n' "$(port "metrics-$name")" "$name"
    done >"$dir/prometheus/targets.yml"
    begin prometheus prometheus --config.file="$dir/prometheus/prometheus.yml" --storage.tsdb.path="$dir/prometheus/data" \
        --web.listen-address="127.0.0.1:$(port prometheus)" --enable-feature=exemplar-storage
    until_so "Prometheus is ready" 60 ops/compose/ready "$(port prometheus)" /-/ready
}
