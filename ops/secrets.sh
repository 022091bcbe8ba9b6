#!/usr/bin/env bash
# Makes the secrets of an installation: a password for each user of NATS and PostgreSQL.
# `ops/secrets.sh --help` tells what and where. ops/security.md says who uses which, and how each is changed.
set -euo pipefail

usage() {
    cat <<'HELP'
Usage: ops/secrets.sh [--hosts A,B,C] [--for-compose] DIR

Makes what is missing in DIR, and never writes over what is there:

  DIR/socai/      gateway, reader, auditor: passwords for NATS; projector, owner, credentials, grafana: for PostgreSQL
  DIR/nats/       passwords.env: what the servers need. Users are there as bcrypt hashes; the password
                  that the servers use among themselves has to be there as it is. routes.password: that one
  DIR/postgres/   superuser, owner, projector, credentials, grafana: passwords for PostgreSQL
  DIR/grafana/    grafana: for PostgreSQL, where Grafana finds it. admin: of Grafana's first user

Folders have mode 0700, files 0600. Nothing secret is printed.

Options:
  --hosts A,B,C  Names or addresses of the three NATS servers, each with a port where it is not 6222, at
                 which they meet each other; n1,n2,n3 when left out.
  --for-compose  Give each folder to the user that its containers run as (10001, 10002, 999, 472). Needs root.
  --help         This text.

Exit status: 0 when everything is there, 1 when something could not be made, 2 for wrong usage.
HELP
}

wrong() {
    echo "ops/secrets.sh: $1; --help lists what is expected" >&2
    exit 2
}

fail() {
    echo "ops/secrets.sh: $1" >&2
    exit 1
}

hosts=n1,n2,n3
for_compose=no
dir=
while (($# > 0)); do
    case "$1" in
        --hosts) hosts=${2:-} && shift ;;
        --for-compose) for_compose=yes ;;
        --help | -h) usage && exit 0 ;;
        -*) wrong "unknown option '$1'" ;;
        *) [[ -z $dir ]] || wrong "one folder, not '$dir' and '$1'" && dir=$1 ;;
    esac
    shift
done
[[ -n $dir ]] || wrong "name the folder"
IFS=, read -r -a servers <<<"$hosts"
((${#servers[@]} == 3)) || wrong "--hosts: expected three names, not '$hosts'"
if [[ $for_compose == yes ]] && ((EUID != 0)); then wrong "--for-compose needs root"; fi
for program in openssl perl; do
    command -v "$program" >/dev/null || fail "$program is missing; as root: apt-get install $program"
done

umask 077
mkdir -p -- "$dir"/{socai,nats,postgres,grafana}
chmod 700 -- "$dir"/{socai,nats,postgres,grafana}

# put FILE: standard input into FILE, all of it or nothing, unless FILE is there.
put() {
    if [[ -e $1 ]]; then
        cat >/dev/null
        echo "kept  $1"
        return
    fi
    cat >"$1.draft"
    mv -n -- "$1.draft" "$1"
    echo "made  $1"
}

# 192 bits. The letter in front keeps nats-server from reading digits as a number.
password() { printf 's%s\n' "$(openssl rand -hex 24)"; }

# bcrypt FILE: the hash of the password in FILE, as nats-server reads it.
bcrypt() {
    local hash
    # shellcheck disable=SC2016 # the dollar signs belong to perl
    hash=$(perl -e '
        open(my $file, "<", $ARGV[0]) or die; chomp(my $password = <$file>);
        open(my $random, "<", "/dev/urandom") or die; read($random, my $bytes, 22) == 22 or die;
        my @digits = (".", "/", "A".."Z", "a".."z", 0..9);
        my $salt = join "", map { $digits[ord($_) % 64] } split //, $bytes;
        print crypt($password, "\$2a\$11\$$salt")' "$1")
    [[ $hash == \$2a\$11\$* ]] || fail "the crypt library of this machine has no bcrypt"
    printf '%s' "$hash"
}

for user in gateway reader auditor projector owner credentials; do
    password | put "$dir/socai/$user.password"
done
for user in superuser grafana; do
    password | put "$dir/postgres/$user.password"
done
# same ONE OTHER: what two programs read, each in its own folder.
same() {
    put "$2" <"$1"
    cmp -s -- "$1" "$2" || fail "$2 is not $1: remove the one that is out of date"
}
for user in projector owner credentials; do
    same "$dir/socai/$user.password" "$dir/postgres/$user.password"
done
same "$dir/postgres/grafana.password" "$dir/socai/grafana.password"
same "$dir/postgres/grafana.password" "$dir/grafana/grafana.password"
password | put "$dir/grafana/admin.password"
password | put "$dir/nats/routes.password"

env=$dir/nats/passwords.env
for user in gateway reader auditor; do
    if [[ $dir/socai/$user.password -nt $env && -e $env ]]; then
        fail "$env is older than $dir/socai/$user.password: remove it, and run this again"
    fi
done
routes=$(<"$dir/nats/routes.password")
{
    printf "SOCAI_NATS_GATEWAY_PASSWORD='%s'\n" "$(bcrypt "$dir/socai/gateway.password")"
    printf "SOCAI_NATS_READER_PASSWORD='%s'\n" "$(bcrypt "$dir/socai/reader.password")"
    printf "SOCAI_NATS_SYSTEM_PASSWORD='%s'\n" "$(bcrypt "$dir/socai/auditor.password")"
    printf "SOCAI_NATS_CLUSTER_PASSWORD='%s'\n" "$routes"
    for number in 1 2 3; do
        server=${servers[number - 1]}
        [[ $server == *:* ]] || server+=:6222
        printf "SOCAI_NATS_ROUTE_%s='nats://routes:%s@%s'\n" "$number" "$routes" "$server"
    done
} | put "$env"

if [[ $for_compose == yes ]]; then
    chown -R 10001:10001 -- "$dir/socai"
    chown -R 10002:10002 -- "$dir/nats"
    chown -R 999:999 -- "$dir/postgres"
    chown -R 472:472 -- "$dir/grafana"
fi
