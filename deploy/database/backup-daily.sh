#!/bin/sh
# A backup every day into $1, the old ones removed. For a container that stays (compose profile "backup").
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:?usage: backup-daily.sh FOLDER}
keep=${KLIMA_BACKUP_KEEP_DAYS:-14}
trap 'exit 0' TERM INT

while true; do
  # A failed one leaves no folder; the health check sees that the newest grows old, and we try again in ten minutes.
  if "$here/backup.sh" "$folder/klima-$(date -u +%Y%m%dT%H%M%SZ)"; then
    find "$folder" -mindepth 1 -maxdepth 1 -type d -name 'klima-*' -mtime +"$keep" -exec rm -rf {} +
    pause=86400
  else
    pause=600
  fi
  sleep "$pause" &
  wait $! || true
done
