#!/bin/sh
# Makes the passwords of an installation, once: a file that is there stays. Below $1 one folder each for the server's owner
# ("postgres") and for every service; a service's container sees its own folder and nothing else. Runs as a job before the database starts.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-/secrets}
host=${KLIMA_DATABASE_HOST:-db:5432}
umask 077

password() { # file
  [ -s "$1" ] || { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' >"$1.part" && mv "$1.part" "$1"; }
}

mkdir -p "$folder/postgres"
password "$folder/postgres/password"
chmod 755 "$folder/postgres" && chmod 444 "$folder/postgres/password" # the server's own user has another number in every image
for service in $(cut -d' ' -f1 "$here/services.txt"); do
  mkdir -p "$folder/$service"
  password "$folder/$service/password"
  printf 'postgresql+psycopg://klima_%s:%s@%s/klima' "$service" "$(cat "$folder/$service/password")" "$host" >"$folder/$service/klima_database_url"
  if [ -n "${KLIMA_DATABASE_READ_HOST:-}" ]; then # a replica that reads may go to
    printf 'postgresql+psycopg://klima_%s:%s@%s/klima' "$service" "$(cat "$folder/$service/password")" "$KLIMA_DATABASE_READ_HOST" >"$folder/$service/klima_database_read_url"
  fi
  chmod 500 "$folder/$service" && chmod 400 "$folder/$service"/*
  chown -R "${KLIMA_UID:-10001}:${KLIMA_UID:-10001}" "$folder/$service"
done
# The folders of the backups and of their digests belong to who writes them.
for kept in /backups /backup-digests; do
  if [ -d "$kept" ]; then chown "${KLIMA_UID:-10001}:${KLIMA_UID:-10001}" "$kept" && chmod 700 "$kept"; fi
done
