#!/bin/sh
# Creates Temporal's two databases, or brings them to the version of these tools. Can run again at any time.
# After compose/scripts/setup-postgres.sh of temporalio/samples-server; the password comes in SQL_PASSWORD.
set -eu

: "${POSTGRES_SEEDS:?the host of PostgreSQL}"
: "${POSTGRES_USER:?the user to connect as}"
: "${SQL_PASSWORD:?the password of that user}"

tool() {
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -u "$POSTGRES_USER" -p "${DB_PORT:-5432}" --db "$1" "$2" "$3" "$4"
}

set_up() {
  database=$1
  schema=$2
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -u "$POSTGRES_USER" -p "${DB_PORT:-5432}" --db "$database" create
  tool "$database" setup-schema -v 0.0
  tool "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$schema/versioned"
  echo "database $database is up to date"
}

set_up temporal temporal
set_up temporal_visibility visibility
