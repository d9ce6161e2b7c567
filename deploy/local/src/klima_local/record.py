"""The record of a running `./klima up`: for `status` and `stop`, and for clearing up after one that
was killed."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from klima_local.home import Home
from klima_local.processes import end, find, identity


class AlreadyUpError(RuntimeError):
    """Another `./klima up` runs with the same KLIMA_HOME."""


@dataclass
class Record:
    """Who runs: the launcher and its services, each with process number and beginning, and the
    services' ports."""

    launcher: tuple[int, float]
    services: dict[str, tuple[int, float]]
    ports: dict[str, int]

    def alive(self) -> dict[str, psutil.Process]:
        """The services that still run, whoever started them."""
        found = {name: find(*who) for name, who in self.services.items()}
        return {name: process for name, process in found.items() if process is not None}


def path(home: Home) -> Path:
    return home.path / "up.json"


def read(home: Home) -> Record | None:
    """What the last start wrote, if it did not end properly or still runs."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Record(**json.loads(path(home).read_text()))
    return None


def write(home: Home, record: Record) -> None:
    path(home).write_text(json.dumps(asdict(record)))


@contextlib.contextmanager
def only_one(home: Home, ports: Mapping[str, int]) -> Iterator[Record]:
    """Be the one that runs for this home (else AlreadyUpError); ends the services that a killed one
    left behind."""
    home.path.mkdir(parents=True, exist_ok=True)
    with (home.path / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUpError(str(home.path)) from None
        left = read(home)
        if left is not None:
            end(list(left.alive().values()))
        record = Record(identity(os.getpid()), {}, dict(ports))
        write(home, record)
        try:
            yield record
        finally:
            path(home).unlink(missing_ok=True)
