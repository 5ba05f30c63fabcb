#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is new: Firn's own user and database, and the sample data.
set -eu

: "${FIRN_DATABASE_PASSWORD:?the password of the user firn}"

psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set password="$FIRN_DATABASE_PASSWORD" <<'SQL'
create role firn login password :'password';
create database firn owner firn;
SQL

for sample in /definitions/*/*.sql; do
  { echo 'set role firn;'; cat "$sample"; } | psql --username "$POSTGRES_USER" --dbname firn --set ON_ERROR_STOP=1 --quiet
done
