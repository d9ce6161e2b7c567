"""The service's side: processes that parse files, kept ready, ended when a file was too much for
one."""

import atexit
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Final

from klima_shared.language.errors import InputError, Place
from klima_shared.language.text import Text
from klima_shared.sandbox import wire
from klima_shared.sandbox.model import DEFAULT_LIMITS, Dialect, Limits, Sheet
from klima_shared.sandbox.processes import EndedError, Processes, Program

WORKERS: Final = 2
DEADLINE: Final = 15.0
"""Seconds on the wall. The limit of computing time is reached long before, unless the machine has
much to do."""
_TOO_MUCH: Final = Text(
    "Reading the file took too much time or memory. Please deliver a smaller or simpler file."
)
_BUSY: Final = Text("Many files are being read at the moment. Please try again.")
_NOT_STARTED: Final = Text("Files can't be read at the moment. Please try again.")


def workbook_sheets(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """All sheets of an Excel file in their order. `InputError` for what is no workbook or must
    not be opened. Blocks: call it in a thread."""
    check_size(data, limits)
    return _sheets("workbook", data, {"limits": asdict(limits)})


def csv_sheet(
    data: bytes, *, limits: Limits = DEFAULT_LIMITS, dialect: Dialect | None = None
) -> Sheet:
    """A CSV file in either dialect. `InputError` when it is none. Blocks."""
    check_size(data, limits)
    (sheet,) = _sheets("csv", data, {"limits": asdict(limits), "dialect": dialect})
    return sheet


def json_document(data: bytes) -> object:
    """The value of a JSON file. `InputError` with its place. Blocks."""
    return _document("json", data)


def document(data: bytes) -> object:
    """The value of a JSON or YAML file. `InputError` with its place or line. Blocks."""
    return _document("document", data)


def check_size(data: bytes, limits: Limits) -> None:
    """`InputError` for a file beyond the limit."""
    if len(data) > limits.max_bytes:
        size = f"{limits.max_bytes / (1 << 20):.0f} MiB"
        raise InputError(Text("The file is larger than {size}.", size=size))


def _sheets(kind: str, data: bytes, options: Mapping[str, object]) -> list[Sheet]:
    reader = wire.SheetReader()
    pool().parse(kind, data, options, reader.add)
    return reader.sheets


def _document(kind: str, data: bytes) -> object:
    reader = wire.DocumentReader()
    pool().parse(kind, data, {}, reader.add)
    return reader.value


class Pool:
    """At most `WORKERS` files at once; the others wait."""

    def __init__(self, workers: int = WORKERS, deadline: float = DEADLINE) -> None:
        program = Program("klima_shared.sandbox.worker", deadline, _BUSY, _NOT_STARTED)
        self.processes = Processes(program, workers)

    def parse(
        self, kind: str, data: bytes, options: Mapping[str, object], receive: wire.Receive
    ) -> None:
        """Have a file parsed; `receive` gets every piece. `InputError` also for a file that was
        too much for the process; 503 when there is no process to be had."""

        def take(piece: wire.Piece) -> None:
            if piece[0] == "refused":
                raise _refused(piece)
            receive(piece)

        try:
            self.processes.run(kind, data, options, take)
        except EndedError as error:
            raise InputError(_TOO_MUCH) from error

    def close(self) -> None:
        """End the processes that wait."""
        self.processes.close()


@cache
def pool() -> Pool:
    """The pool of this process; its workers start with the first file."""
    made = Pool()
    atexit.register(made.close)
    return made


def _refused(piece: wire.Piece) -> InputError:
    match piece:
        case ["refused", text, str(pointer), int(line)]:
            return InputError(wire.text_in(text), Place(pointer=pointer, line=line))
    raise wire.BrokenError
