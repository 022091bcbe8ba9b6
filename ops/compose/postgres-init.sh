#!/bin/bash
# Runs once, when the database is made and after roles.sql: the settings of the projection, and a password
# for each role.
set -euo pipefail

echo "include '/etc/socai/postgresql.conf'" >>"$PGDATA/postgresql.conf"
PGUSER=$POSTGRES_USER PGDATABASE=$POSTGRES_DB bash /etc/socai/passwords.sh '/run/secrets/postgres_@'
