"""The service's side: processes that parse files, kept ready, ended when a file was too much for
one."""

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from typing import BinaryIO, Final, cast

import structlog

from klima_shared.http.problems import unavailable
from klima_shared.language.text import Text
from klima_shared.sandbox import wire
from klima_shared.sandbox.model import DEFAULT_LIMITS, Dialect, Limits, RefusedError, Sheet

log = structlog.get_logger(__name__)

WORKERS: Final = 2
FILES: Final = 100
"""After as many files, or one large one, a process is replaced by a new one."""
LARGE: Final = 1 << 20
DEADLINE: Final = 15.0
"""Seconds on the wall. The limit of computing time is reached long before, unless the machine has
much to do."""
WAIT: Final = 20.0
STARTED_WITHIN: Final = 30.0
_PASSED_ON: Final = ("LD_LIBRARY_PATH", "SYSTEMROOT")
_TOO_MUCH: Final = Text(
    "Reading the file took too much time or memory. Please deliver a smaller or simpler file."
)
_BUSY: Final = Text("Many files are being read at the moment. Please try again.")
_NOT_STARTED: Final = Text("Files can't be read at the moment. Please try again.")


def workbook_sheets(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """All sheets of an Excel file in their order. `RefusedError` for what is no workbook or must
    not be opened. Blocks: call it in a thread."""
    check_size(data, limits)
    return _sheets("workbook", data, {"limits": asdict(limits)})


def csv_sheet(
    data: bytes, *, limits: Limits = DEFAULT_LIMITS, dialect: Dialect | None = None
) -> Sheet:
    """A CSV file in either dialect. `RefusedError` when it is none. Blocks."""
    check_size(data, limits)
    (sheet,) = _sheets("csv", data, {"limits": asdict(limits), "dialect": dialect})
    return sheet


def json_document(data: bytes) -> object:
    """The value of a JSON file. `RefusedError` with its place. Blocks."""
    return _document("json", data)


def yaml_document(data: bytes) -> object:
    """The value of a YAML file. `RefusedError` with its line. Blocks."""
    return _document("yaml", data)


def check_size(data: bytes, limits: Limits) -> None:
    """`RefusedError` for a file beyond the limit."""
    if len(data) > limits.max_bytes:
        size = f"{limits.max_bytes / (1 << 20):.0f} MiB"
        raise RefusedError(Text("The file is larger than {size}.", size=size))


def _sheets(kind: str, data: bytes, options: Mapping[str, object]) -> list[Sheet]:
    reader = wire.SheetReader()
    pool().parse(kind, data, options, reader.add)
    return reader.sheets


def _document(kind: str, data: bytes) -> object:
    reader = wire.DocumentReader()
    pool().parse(kind, data, {}, reader.add)
    return reader.value


class _Worker:
    """One process. It has neither the environment nor the open files of the service."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", "klima_shared.sandbox.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
        self.files = self.largest = 0
        self.ready = False

    @property
    def worn(self) -> bool:
        return self.files >= FILES or self.largest > LARGE

    def streams(self) -> tuple[BinaryIO, BinaryIO]:
        """What it reads, and what it writes."""
        return cast(BinaryIO, self.process.stdin), cast(BinaryIO, self.process.stdout)

    def wait_until_ready(self) -> None:
        """The first file waits until the program has started. `BrokenError` when it does not."""
        if not self.ready:
            timer = threading.Timer(STARTED_WITHIN, self.process.kill)
            timer.start()
            try:
                wire.read(self.streams()[1])
            finally:
                timer.cancel()
            self.ready = True

    def end(self) -> None:
        self.process.kill()
        for stream in self.streams():
            with contextlib.suppress(OSError):
                stream.close()
        self.process.wait()


class Pool:
    """At most `WORKERS` files at once; the others wait."""

    def __init__(self, workers: int = WORKERS, deadline: float = DEADLINE) -> None:
        self._turns = threading.BoundedSemaphore(workers)
        self._deadline = deadline
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []

    def parse(
        self,
        kind: str,
        data: bytes,
        options: Mapping[str, object],
        receive: Callable[[wire.Piece], None],
    ) -> None:
        """Have a file parsed; `receive` gets every piece. `RefusedError` also for a file that was
        too much for the process; 503 when there is no process to be had."""
        with self._worker() as worker:
            timer = threading.Timer(self._deadline, worker.process.kill)
            try:
                worker.wait_until_ready()
                timer.start()
                _ask(worker, kind, data, options)
                while (piece := wire.read(worker.streams()[1]))[0] != "done":
                    if piece[0] == "refused":
                        raise _refused(piece)
                    receive(piece)
                worker.files += 1
                worker.largest = max(worker.largest, len(data))
            except (wire.BrokenError, OSError, ValueError, TypeError, KeyError) as error:
                worker.end()
                if not worker.ready:
                    log.error("no process to parse files", exit=worker.process.returncode)
                    raise unavailable(_NOT_STARTED) from error
                log.warning("a file ended its process", kind=kind, bytes=len(data))
                raise RefusedError(_TOO_MUCH) from error
            finally:
                timer.cancel()

    @contextlib.contextmanager
    def _worker(self) -> Iterator[_Worker]:
        if not self._turns.acquire(timeout=WAIT):
            raise unavailable(_BUSY)
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

    @staticmethod
    def _replaced(worker: _Worker | None) -> _Worker:
        if worker is not None:
            worker.end()
        return _Worker()

    def close(self) -> None:
        """End the processes that wait. Those at work end with the service."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.end()


@cache
def pool() -> Pool:
    """The pool of this process; its workers start with the first file."""
    made = Pool()
    atexit.register(made.close)
    return made


def _ask(worker: _Worker, kind: str, data: bytes, options: Mapping[str, object]) -> None:
    incoming, _ = worker.streams()
    wire.write(incoming, ["task", kind, options, len(data)])
    incoming.write(data)
    incoming.flush()


def _refused(piece: wire.Piece) -> RefusedError:
    match piece:
        case ["refused", text, str(pointer), int(line), bool(invalid)]:
            return RefusedError(wire.text_in(text), pointer, line, invalid=invalid)
    raise wire.BrokenError
