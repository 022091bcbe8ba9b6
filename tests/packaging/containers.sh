#!/usr/bin/env bash
# containers.sh BINARY: the image of socai, built from ops/Dockerfile and run as it is meant to be run. No registry is
# asked: the base is Debian's own bootstrap under the base's name, and BINARY and this machine's authorities stand for
# the stage that compiles. The machine's own container engine and its images are not touched. Needs root.
set -euo pipefail
binary=$(realpath "${1:?containers.sh BINARY: which program to put into the image}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=ops/tools.sh
. ops/tools.sh

fail() {
    echo "containers.sh: $1" >&2
    exit 1
}
((EUID == 0)) || fail "root makes file systems and mounts them; this is user $EUID"
need_deb buildah buildah
need_deb debootstrap debootstrap
need_deb iproute2 ip

scratch=$(mktemp -d)
builder=(buildah --root "$scratch/images" --runroot "$scratch/run" --storage-driver vfs)
tidy_up() {
    "${builder[@]}" rm --all >/dev/null 2>&1 || true
    rm -rf -- "$scratch"
}
trap tidy_up EXIT

# Debian, under the name that the Dockerfile asks for.
base() {
    local name container
    name=$(sed -n 's/^FROM \(.*\) AS socai$/\1/p' ops/Dockerfile)
    [[ $name == docker.io/library/debian:12.* ]] || fail "ops/Dockerfile, socai: expected Debian 12, not '$name'"
    debootstrap --variant=minbase bookworm "$scratch/debian" >"$scratch/log" || fail "debootstrap: $(tail -n 3 "$scratch/log")"
    container=$("${builder[@]}" from scratch)
    "${builder[@]}" add --quiet "$container" "$scratch/debian" / >/dev/null
    "${builder[@]}" commit --quiet --rm "$container" "$name" >/dev/null
}

# The last stage, as the Dockerfile has it, from a folder for `build`.
image() {
    install -D --strip "$binary" "$scratch/build/out/socai"
    install -D --mode 0644 /etc/ssl/certs/ca-certificates.crt "$scratch/build/etc/ssl/certs/ca-certificates.crt"
    sed -n '/ AS socai$/,/^ENTRYPOINT/p' ops/Dockerfile >"$scratch/Dockerfile"
    "${builder[@]}" build --quiet --isolation chroot --pull=never --build-context "build=$scratch/build" \
        --file "$scratch/Dockerfile" --ignorefile ops/Dockerfile.dockerignore --tag socai:tested . >/dev/null
}

# says FORMAT EXPECTED: what the image says of itself.
says() {
    local said
    said=$("${builder[@]}" inspect --type image --format "{{$1}}" socai:tested)
    [[ $said == "$2" ]] || fail "the image says $1 is '$said', and '$2' was expected"
}

base
image
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
says .OCIv1.Config.User 10001:10001
says .OCIv1.Config.Entrypoint '[socai]'
says 'index .OCIv1.Config.Labels "org.opencontainers.image.version"' "$version"
says 'index .OCIv1.Config.Labels "org.opencontainers.image.licenses"' Apache-2.0

container=$("${builder[@]}" from --pull-never socai:tested)
root=$("${builder[@]}" mount "$container")
tests/packaging/confined.sh "$root"
echo "the image of socai $version: $(du --summarize --block-size 1M "$root" | cut -f1) MiB with its base"
