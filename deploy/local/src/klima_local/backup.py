"""`./klima backup` and `./klima restore`: the scripts of `deploy/database`, run on the local
database with its own programs.

Containers and other servers run the same scripts with the programs of their own server
(docs/operations.md).
"""

import os
from pathlib import Path

from klima_local.home import LocalError, root
from klima_local.postgres import HOST, SUPERUSER, Server
from klima_local.processes import run


class BackupError(LocalError):
    """The script ended with an error; the message is what it said."""


def backup(server: Server, database: str, folder: Path, *, digests: Path | None = None) -> str:
    """Write a backup into the folder, which must not be there yet; the script's summary with the
    digest, which is noted in `digests` too."""
    return _run(server, database, "backup.sh", str(folder.absolute()), digests=digests)


def restore(
    server: Server,
    database: str,
    folder: Path,
    *,
    replace: bool = False,
    digest: str | None = None,
    digests: Path | None = None,
) -> str:
    """Put a backup back, whole or not at all; the script's summary. Only one with that `digest`, or
    one that is noted in `digests`, where they are given."""
    arguments = [str(folder.absolute()), *(["--replace"] if replace else [])]
    return _run(server, database, "restore.sh", *arguments, digest=digest, digests=digests)


def _run(
    server: Server,
    database: str,
    script: str,
    *arguments: str,
    digest: str | None = None,
    digests: Path | None = None,
) -> str:
    environment = {
        "PATH": f"{server.installed.programs}:{os.environ.get('PATH', os.defpath)}",
        "PGHOST": HOST,
        "PGPORT": str(server.port),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": server.password(SUPERUSER),
        "PGDATABASE": database,
        **({"KLIMA_BACKUP_DIGEST": digest} if digest else {}),
        **({"KLIMA_BACKUP_DIGESTS": str(digests)} if digests else {}),
    }
    command = [str(root() / "deploy" / "database" / script), *arguments]
    result = run(command, env=environment)
    if result.returncode != 0:
        raise BackupError(result.stderr.strip() or f"{script} ended with {result.returncode}")
    return result.stdout.strip()
