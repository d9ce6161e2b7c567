#!/bin/sh
# Writes everything that the services keep into a new folder:  backup.sh FOLDER
#   klima.dump   the schemas of services.txt (pg_dump, custom format)
#   tables.tsv   of every table: how many rows, and a digest of them; from the same snapshot as the dump
#   SHA256SUMS   of both
# With KLIMA_BACKUP_DIGESTS, a folder apart from the backups, the digest of SHA256SUMS is noted in its digests.txt: restore.sh looks
# there, so that whoever can change a backup can't make another one of it.
# The services may run. Reads the usual variables of psql (PGHOST, PGUSER, ...), PGPASSWORD_FILE too; needs psql 16 or newer.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${1:?usage: backup.sh FOLDER}
export PGUSER="${PGUSER:-postgres}" PGDATABASE="${PGDATABASE:-klima}"
if [ -n "${PGPASSWORD_FILE:-}" ]; then PGPASSWORD=$(cat "$PGPASSWORD_FILE"); export PGPASSWORD; fi
if [ -e "$target" ]; then echo "backup: $target is there already" >&2; exit 1; fi

# Only a finished backup has its name.
KLIMA_PART="$target.part.$$"
KLIMA_SCHEMAS=$(cut -d' ' -f1 "$here/services.txt" | paste -s -d, -)
export KLIMA_PART KLIMA_SCHEMAS
umask 077
mkdir -p "$KLIMA_PART"
trap 'rm -rf "$KLIMA_PART"' EXIT
psql -X -q -v ON_ERROR_STOP=1 -v here="$here" <<'SQL'
\getenv part KLIMA_PART
begin isolation level repeatable read;
select pg_export_snapshot() as snapshot \gset
\setenv KLIMA_SNAPSHOT :snapshot
\! pg_dump --snapshot="$KLIMA_SNAPSHOT" -Fc $(echo "$KLIMA_SCHEMAS" | sed "s/^/-n /; s/,/ -n /g") -f "$KLIMA_PART/klima.dump"
\if :SHELL_ERROR
  \warn backup: pg_dump failed
  do $$ begin raise exception 'no dump'; end $$;
\endif
\getenv schemas KLIMA_SCHEMAS
select set_config('klima.schemas', :'schemas', false) \g /dev/null
\set digests :here '/digests.sql'
\i :digests
\cd :part
\pset format unaligned
\pset fieldsep '\t'
\pset tuples_only on
\o tables.tsv
select * from pg_temp.klima_digests();
\o
rollback;
SQL
(cd "$KLIMA_PART" && [ -s tables.tsv ] && sha256sum klima.dump tables.tsv >SHA256SUMS)
digest=$(sha256sum <"$KLIMA_PART/SHA256SUMS" | cut -d' ' -f1)
if [ -n "${KLIMA_BACKUP_DIGESTS:-}" ]; then
  mkdir -p "$KLIMA_BACKUP_DIGESTS"
  printf '%s %s\n' "$digest" "$(basename "$target")" >>"$KLIMA_BACKUP_DIGESTS/digests.txt"
fi
mv "$KLIMA_PART" "$target"
awk -v f="$target" '{ rows += $2 } END { printf "%s: %d tables, %d rows\n", f, NR, rows }' "$target/tables.tsv"
echo "digest $digest"
