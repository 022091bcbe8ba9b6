#!/bin/bash
# Gives each role of roles.sql its password: passwords.sh PATTERN, where @ in PATTERN stands for the name of a
# secret, as in DIR/postgres/@.password. psql's own environment says where the server is, and who asks.
set -euo pipefail

pattern=${1:?name the files: passwords.sh DIR/postgres/@.password}
for role in socai_owner:owner socai_projector:projector grafana_reader:grafana socai_credentials:credentials; do
    # On standard input, for arguments show in lists of processes.
    {
        printf '\\set password %s\n' "$(<"${pattern/@/${role#*:}}")"
        printf 'ALTER ROLE %s PASSWORD :'"'password'"';\n' "${role%:*}"
    } | psql --no-psqlrc --quiet --set ON_ERROR_STOP=1
done
