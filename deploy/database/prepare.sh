#!/bin/sh
# Gives every service its place in a database, by service.sql. Repeatable; run it as the server's owner, as a job before the
# migrations. It reads the usual variables of psql (PGHOST, PGUSER, PGDATABASE, ...) and for every service of
# services.txt KLIMA_<SERVICE>_PASSWORD, or the same name with _FILE for a mounted secret. Passwords pass through the
# environment: no process list shows them.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
export PGUSER="${PGUSER:-${POSTGRES_USER:-postgres}}" PGDATABASE="${PGDATABASE:-${POSTGRES_DB:-klima}}"

for service in $(cut -d' ' -f1 "$here/services.txt"); do
  name="KLIMA_$(echo "$service" | tr '[:lower:]' '[:upper:]')_PASSWORD"
  eval "KLIMA_SECRET=\${$name:-} file=\${${name}_FILE:-}"
  if [ -n "$file" ]; then KLIMA_SECRET=$(cat "$file"); fi
  if [ -z "$KLIMA_SECRET" ]; then echo "$name is empty" >&2; exit 1; fi
  export KLIMA_SECRET
  psql -X -q -v ON_ERROR_STOP=1 -v schema="$service" <<SQL
\getenv secret KLIMA_SECRET
select set_config('klima.role', 'klima_' || :'schema', false) \g /dev/null
select set_config('klima.schema', :'schema', false), set_config('klima.password', :'secret', false) \g /dev/null
\i $here/service.sql
SQL
done
