"""What `./klima up` does while everything runs: look after the database and the services, and start
again what ended on its own."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from klima_local.home import LocalError
from klima_local.postgres import PostgresError
from klima_local.processes import Children, ending
from klima_local.services import SERVICES, services
from klima_local.stack import Stack

FIRST_PAUSE: Final = 0.5  # seconds before something is started again; doubled each time
LONGEST_PAUSE: Final = 8.0
MANY: Final = 5  # deaths within ...
SOON: Final = 60.0  # ... so many seconds: starting it again does not help


class UpError(LocalError):
    """The start failed, or something ends again and again; the message is for the person at the
    terminal."""


@dataclass
class _Part:
    """The database or a service: when it ended, and what it waits for."""

    title: str
    ends: list[float] = field(default_factory=list)  # time.monotonic() of the latest
    start_at: float | None = None
    started: bool = False  # and not ready yet

    def ended(self, now: float) -> float:
        """Note another end; the pause before the next start."""
        self.ends = [end for end in self.ends if now - end < SOON] + [now]
        pause = min(FIRST_PAUSE * 2.0 ** (len(self.ends) - 1), LONGEST_PAUSE)
        self.start_at, self.started = now + pause, False
        return pause

    @property
    def hopeless(self) -> bool:
        return len(self.ends) >= MANY


class Supervisor:
    """`look` once in a while. `start` starts a service's process; `say` prints a line."""

    def __init__(
        self,
        stack: Stack,
        children: Children,
        *,
        start: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self._stack, self._children, self._start, self._say = stack, children, start, say
        self._database = _Part("Die Datenbank (Postgres)")
        self._services = {name: _Part(f"Der Dienst {services()[name].title}") for name in SERVICES}

    def look(self) -> None:
        """See who ended, and start again whose pause is over. UpError for what ends again and
        again."""
        now = time.monotonic()
        self._look_at_database(now)
        for name, part in self._services.items():
            code = self._children.code(name)
            if part.start_at is None and code is not None:
                self._say_end(part, ending(code), self._children.log_end(name), now)
            elif part.start_at is not None and now >= part.start_at:
                part.start_at, part.started = None, True
                self._start(name)
            elif part.started and self._ready(name):
                part.started = False
                self._say_back(part, now)

    def _look_at_database(self, now: float) -> None:
        part, server = self._database, self._stack.server
        if part.start_at is None and not server.running():
            self._say_end(part, "ist nicht mehr da", server.log_end(), now)
        elif part.start_at is not None and now >= part.start_at:
            port, part.start_at = server.port, None
            try:
                server.start()
            except PostgresError as error:
                self._say_end(part, "startet nicht", str(error), now)
                return
            self._say_back(part, time.monotonic())
            if server.port != port:  # somebody took it meanwhile: the services ask at the old one
                for name in SERVICES:
                    self._children.end(name)

    def _say_end(self, part: _Part, how: str, log: str, now: float) -> None:
        pause = part.ended(now)
        what = f"{part.title} {how if how.startswith(('ist', 'startet')) else f'wurde {how}'}"
        if part.hopeless:
            raise UpError(
                f"{what}, zum {MANY}. Mal in {SOON:.0f} s. Das Ende des Protokolls:\n{log}"
            )
        self._say(f"{what}; Neustart in {pause:g} s. Das Ende des Protokolls:\n{log}")

    def _say_back(self, part: _Part, now: float) -> None:
        self._say(f"{part.title} läuft wieder (nach {now - part.ends[-1]:.1f} s).")

    def _ready(self, service: str) -> bool:
        address = f"{self._stack.address(service)}/health/ready"
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own address
                return True
        except OSError:
            return False
