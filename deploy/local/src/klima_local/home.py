"""Where things are: the checkout, and the one directory that holds everything this machine
keeps."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


def root() -> Path:
    """The checkout: the editable install lies in it, so it is four directories up; the launcher may
    name another."""
    given = os.environ.get("KLIMA_ROOT")
    return Path(given).resolve() if given else Path(__file__).resolve().parents[4]


class LocalError(RuntimeError):
    """What the person at the terminal reads as the reason; `status` is the exit status."""

    status = 1


@dataclass(frozen=True)
class Home:
    """Local data: database, keys, logs. Deleting the directory forgets all of it."""

    path: Path

    @classmethod
    def current(cls) -> "Home":
        """The directory named by `KLIMA_HOME`, or `.klima` in the checkout."""
        given = os.environ.get("KLIMA_HOME")
        return cls(Path(given).expanduser().resolve() if given else root() / ".klima")

    def directory(self, name: str, *, private: bool = False) -> Path:
        """A directory below, made when missing; a private one only its owner can enter."""
        found = self.path / name
        found.mkdir(parents=True, exist_ok=True)
        if private:
            found.chmod(0o700)
        return found

    @property
    def postgres(self) -> Path:
        return self.directory("postgres")

    @property
    def keys(self) -> Path:
        return self.directory("keys", private=True)

    @property
    def logs(self) -> Path:
        return self.directory("logs")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file exclusively, waiting for it; the system releases it when the process ends,
    however it ends."""
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_secret(path: Path, text: str) -> None:
    """Write a file that was never readable by others, and replace the old one in a single step."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    temporary.replace(path)
