#!/usr/bin/env bash
# Makes what is handed out of a version. `ops/release.sh --help` tells what and how.
set -euo pipefail
from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=ops/tools.sh
. ops/tools.sh

usage() {
    cat <<'HELP'
Usage: ops/release.sh [--binary FILE] [--out DIR]

Makes in DIR, target/release-artifacts when left out:

  socai_VERSION-1_ARCHITECTURE.deb   the program with its units, configuration and manual
  socai-VERSION.cdx.json             every crate in it, with version, source and licence (CycloneDX)
  SHA256SUMS                         of both, for `sha256sum --check`

Two runs over the same sources, wherever they lie, give the same bytes on one machine: the build knows no path and
no time but that of the commit (SOURCE_DATE_EPOCH where it is set). Another machine needs the same rustc, which
rust-version in Cargo.toml does not pin, and the same C compiler.

Options:
  --binary FILE  Package this binary instead of building one; quick, and for tests of the package.
  --out DIR      Where to.
  --help         This text.

Exit status: 0 when everything is made, 1 when something could not be, 2 for wrong usage.
HELP
}

wrong() {
    echo "ops/release.sh: $1; --help lists what is expected" >&2
    exit 2
}

binary=
out=$PWD/target/release-artifacts
while (($# > 0)); do
    case "$1" in
        --binary) binary=${2:?--binary: name the file} && shift ;;
        --out) out=${2:?--out: name the folder} && shift ;;
        --help | -h) usage && exit 0 ;;
        *) wrong "unknown argument '$1'" ;;
    esac
    shift
done
[[ $out == /* ]] || out=$from/$out
[[ -z $binary || $binary == /* ]] || binary=$from/$binary

DEB_VERSION=3.8.0
CYCLONEDX_VERSION=0.5.9

target=${CARGO_TARGET_DIR:-$PWD/target}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
stage=$(mktemp -d)
trap 'rm -rf -- "$stage"' EXIT

need_deb dpkg-dev dpkg-shlibdeps
need_deb binutils strip
need_deb help2man help2man
need_cargo cargo-deb "$DEB_VERSION"
need_cargo cargo-cyclonedx "$CYCLONEDX_VERSION"

# A build of its own, for other flags than everyday's make cargo compile everything anew. rustc forgets where sources
# lie by RUSTFLAGS, the C compiler by CFLAGS; it takes its own time of day, which mimalloc asks for, from SOURCE_DATE_EPOCH.
build() {
    local cargo=${CARGO_HOME:-$HOME/.cargo} target=$target/released
    CARGO_TARGET_DIR=$target CARGO_INCREMENTAL=0 \
        RUSTFLAGS="--remap-path-prefix=$cargo=/cargo --remap-path-prefix=$PWD=/socai --remap-path-prefix=$target=/target" \
        CFLAGS="-ffile-prefix-map=$cargo=/cargo -ffile-prefix-map=$PWD=/socai -ffile-prefix-map=$target=/target" \
        cargo build --release --locked --package socai
    binary=$target/release/socai
}

# What the package takes from the binary: itself, its manual and its completions. And a changelog in Debian's own form.
lay_out() {
    local shell maintainer
    mkdir -p "$stage/release/completions"
    strip --output-file "$stage/release/socai" "$binary"
    for shell in bash zsh fish; do
        "$binary" completions "$shell" >"$stage/release/completions/socai.$shell"
    done
    (cd "$stage/release" && help2man --no-info --no-discard-stderr --locale C.UTF-8 --output socai.1 \
        --name 'a ledger of what was directed, owed and done' ./socai && gzip --best --no-name socai.1)
    maintainer=$(sed -n 's/^maintainer = "\(.*\)"/\1/p' services/socai/Cargo.toml)
    printf 'socai (%s-1) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n' "$version" "$maintainer" \
        "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")" | gzip --best --no-name >"$stage/release/changelog.Debian.gz"
}

# cargo-cyclonedx writes beside the manifest of every crate: in a copy, so that nothing is left lying here.
bill_of_materials() {
    mkdir "$stage/sources"
    git ls-files -z -- Cargo.toml Cargo.lock services | tar --create --null --files-from - | tar --extract -C "$stage/sources"
    mkdir -p "$stage/sources/tests"
    (cd "$stage/sources" && cargo cyclonedx --quiet --manifest-path services/socai/Cargo.toml --format json --spec-version 1.5 \
        --no-build-deps --override-filename bill)
    # It names our own crates by where they lie.
    sed "s|file://$stage/sources/|file:///socai/|g" "$stage/sources/services/socai/bill.json" >"$out/socai-$version.cdx.json"
}

version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
fast=(--fast)
if [[ -z $binary ]]; then
    fast=()
    build
fi
mkdir -p "$out"
rm -f -- "$out"/socai[-_]"$version"* "$out/SHA256SUMS"
lay_out
CARGO_TARGET_DIR=$stage cargo deb --quiet "${fast[@]}" --package socai --no-build --no-strip --output "$out/"
bill_of_materials
(cd "$out" && sha256sum -- *.deb *.cdx.json >SHA256SUMS && cat SHA256SUMS)
