#!/bin/sh
# Puts a backup of backup.sh back:  restore.sh FOLDER [--replace]
# All in one transaction, and only if every table then has the rows and the digest that were written down: else nothing changes.
# With KLIMA_BACKUP_DIGEST (what backup.sh printed) or KLIMA_BACKUP_DIGESTS (the folder where it noted it), only that backup is taken.
# Refuses to replace what is there unless told to. Stop the services first. The roles must be there (prepare.sh).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
source=${1:?usage: restore.sh FOLDER [--replace]}
replace=${2:-}
export PGUSER="${PGUSER:-postgres}" PGDATABASE="${PGDATABASE:-klima}"
if [ -n "${PGPASSWORD_FILE:-}" ]; then PGPASSWORD=$(cat "$PGPASSWORD_FILE"); export PGPASSWORD; fi
case $replace in '' | --replace) ;; *) echo "usage: restore.sh FOLDER [--replace]" >&2; exit 2 ;; esac

(cd "$source" && sha256sum --quiet -c SHA256SUMS) || { echo "restore: $source is damaged or incomplete" >&2; exit 1; }
digest=$(sha256sum <"$source/SHA256SUMS" | cut -d' ' -f1)
if [ -n "${KLIMA_BACKUP_DIGEST:-}" ]; then
  [ "$digest" = "$KLIMA_BACKUP_DIGEST" ] || { echo "restore: $source is not the backup with the digest $KLIMA_BACKUP_DIGEST" >&2; exit 1; }
elif [ -n "${KLIMA_BACKUP_DIGESTS:-}" ]; then
  grep -q "^$digest " "$KLIMA_BACKUP_DIGESTS/digests.txt" 2>/dev/null || {
    echo "restore: nobody noted the digest of $source ($digest); who knows it from elsewhere names it (./klima restore --digest, or KLIMA_BACKUP_DIGEST)" >&2
    exit 1
  }
fi
schemas=$(cut -d' ' -f1 "$here/services.txt" | paste -s -d, -)
tables=$(psql -X -At -v ON_ERROR_STOP=1 -c "select count(*) from pg_tables where schemaname = any('{$schemas}')")
if [ "$tables" != 0 ] && [ "$replace" != --replace ]; then
  echo "restore: the database holds $tables tables of the services; --replace replaces them" >&2
  exit 1
fi

script=$(mktemp)
trap 'rm -f "$script"' EXIT
{
  # A service that still runs would wait for us, and we for it.
  echo "set lock_timeout = '10s';"
  echo "set client_min_messages = warning;"
  echo "drop schema if exists $schemas cascade;"
  pg_restore -f - "$source/klima.dump"
  echo "set klima.schemas = '$schemas';"
  printf '\\i %s\n' "$here/digests.sql"
  echo "create temporary table expected (name text, records bigint, digest numeric);"
  printf "\\\\copy expected from '%s'\n" "$source/tables.tsv"
  cat <<'SQL'
do $$
declare
  differences text;
begin
  select string_agg(coalesce(e.name, f.name), ', ') into differences
  from expected e full join pg_temp.klima_digests() f using (name, records, digest)
  where e.name is null or f.name is null;
  if differences is not null then
    raise exception 'restored tables differ from what the backup wrote down: %', differences;
  end if;
end
$$;
SQL
} >"$script"
psql -X -q -1 -v ON_ERROR_STOP=1 -f "$script" >/dev/null
# Nobody has told the planner about the new tables yet.
psql -X -q -v ON_ERROR_STOP=1 -c 'analyze' 2>/dev/null
awk -v f="$source" '{ rows += $2 } END { printf "%s: %d tables, %d rows restored and compared\n", f, NR, rows }' "$source/tables.tsv"
