"""Processes kept ready for work that may be too much: they are given a task, and ended when it is.

The program in the process sets its own limits of memory and computing time; the time on the wall
is kept here. What goes between is plain data (`wire`).
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final, NamedTuple, cast

import structlog

from klima_shared.http.problems import unavailable
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.sandbox import wire

log = structlog.get_logger(__name__)

TASKS: Final = 100
"""After as many tasks, or one large one, a process is replaced by a new one."""
LARGE: Final = 1 << 20
WAIT: Final = 20.0
STARTED_WITHIN: Final = 30.0
_PASSED_ON: Final = ("LD_LIBRARY_PATH", "SYSTEMROOT")
_SMALL: Final = {"MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2"}
"""Threads and their heaps reserve addresses, which count: a machine of many cores would leave
none."""
_OWN_LIMITS: Final = frozenset({-signal.SIGXCPU, -signal.SIGABRT, wire.TOO_MUCH})
"""How a process ends that may compute or store no more: computing time, an allocation that failed
in native code, one in Python."""


class Program(NamedTuple):
    """What runs in a process, how long one task may take on the wall, and what is said to those
    who get none."""

    module: str
    deadline: float
    busy: Text
    not_started: Text


class EndedError(Exception):
    """The process ended in the middle of a task. `too_much`: by its limits or the deadline, so that
    the same task would end the next one too."""

    def __init__(self, *, too_much: bool) -> None:
        super().__init__("the process ended")
        self.too_much = too_much


class _Worker:
    """One process. It has neither the environment nor the open files of the service."""

    def __init__(self, module: str) -> None:
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self.process = subprocess.Popen(  # noqa: S603  (the module is one of ours)
            [sys.executable, "-I", "-B", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={**_SMALL, **passed_on},
            start_new_session=True,
        )
        self.tasks = self.largest = 0
        self.ready = self.late = False

    @property
    def worn(self) -> bool:
        return self.tasks >= TASKS or self.largest > LARGE

    def streams(self) -> tuple[BinaryIO, BinaryIO]:
        """What it reads, and what it writes."""
        return cast(BinaryIO, self.process.stdin), cast(BinaryIO, self.process.stdout)

    def wait_until_ready(self) -> None:
        """The first task waits until the program has started. `BrokenError` when it does not."""
        if not self.ready:
            timer = threading.Timer(STARTED_WITHIN, self.process.kill)
            timer.start()
            try:
                wire.read(self.streams()[1])
            finally:
                timer.cancel()
            self.ready = True

    def stop_late(self) -> None:
        """It took longer than it may."""
        self.late = True
        self.process.kill()

    def end(self) -> bool:
        """End it; whether its task was too much for it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)  # it may be dying already, and tells why
        self.process.kill()
        for stream in self.streams():
            with contextlib.suppress(OSError):
                stream.close()
        return self.process.wait() in _OWN_LIMITS or self.late


class Processes:
    """At most `workers` tasks at once; the others wait."""

    def __init__(self, program: Program, workers: int) -> None:
        self._turns = threading.BoundedSemaphore(workers)
        self._program = program
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []

    def prepare(self) -> None:
        """Start the first process, if there is none: it is ready when the first task comes."""
        with self._lock:
            if not self._idle:
                self._idle.append(_Worker(self._program.module))

    def run(
        self, kind: str, data: bytes, options: Mapping[str, object], receive: wire.Receive
    ) -> None:
        """Have a task done; `receive` gets every piece of what it becomes. `EndedError` when it was
        too much for the process; 503 when there is no process to be had. Blocks."""
        with self._worker() as worker:
            timer = threading.Timer(self._program.deadline, worker.stop_late)
            try:
                worker.wait_until_ready()
                timer.start()
                size = _ask(worker, kind, data, options)
                while (piece := wire.read(worker.streams()[1]))[0] != "done":
                    receive(piece)
                    size += len(piece[-1]) if isinstance(piece[-1], str) else 0
                worker.tasks += 1
                worker.largest = max(worker.largest, size)
            except InputError:
                raise  # the task is refused, and the process is well
            except (wire.BrokenError, OSError, ValueError, TypeError, KeyError) as error:
                too_much, exit_code = worker.end(), worker.process.returncode
                if not worker.ready:
                    log.error("no process", program=self._program.module, exit=exit_code)
                    raise unavailable(self._program.not_started) from error
                log.warning("a task ended its process", kind=kind, bytes=len(data), exit=exit_code)
                raise EndedError(too_much=too_much) from error
            finally:
                timer.cancel()

    @contextlib.contextmanager
    def _worker(self) -> Iterator[_Worker]:
        if not self._turns.acquire(timeout=WAIT):
            raise unavailable(self._program.busy)
        try:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None or worker.process.poll() is not None:
                worker = self._replaced(worker)
            try:
                yield worker
            finally:
                self._put_back(worker)
        finally:
            self._turns.release()

    def _put_back(self, worker: _Worker) -> None:
        if worker.process.poll() is not None or worker.worn:
            worker = self._replaced(worker)  # it starts while nobody waits for it
        with self._lock:
            self._idle.append(worker)

    def _replaced(self, worker: _Worker | None) -> _Worker:
        if worker is not None:
            worker.process.kill()
            worker.end()
        return _Worker(self._program.module)

    def close(self) -> None:
        """End the processes that wait. Those at work end with the service."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.process.kill()
            worker.end()


def _ask(worker: _Worker, kind: str, data: bytes, options: Mapping[str, object]) -> int:
    """Give it the task; how large it is."""
    incoming, _ = worker.streams()
    wire.write(incoming, ["task", kind, options, len(data)])
    incoming.write(data)
    incoming.flush()
    return len(data)
