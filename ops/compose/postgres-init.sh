#!/bin/bash
# Runs once, when the database is made and after roles.sql: the settings of the projection, and a password
# for each role.
set -euo pipefail

echo "include '/etc/socai/postgresql.conf'" >>"$PGDATA/postgresql.conf"

for role in socai_owner:owner socai_projector:projector grafana_reader:grafana socai_credentials:credentials; do
    # On standard input, for arguments show in lists of processes.
    {
        printf '\\set password %s\n' "$(<"/run/secrets/postgres_${role#*:}")"
        printf 'ALTER ROLE %s PASSWORD :'"'password'"';\n' "${role%:*}"
    } | psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB"
done
