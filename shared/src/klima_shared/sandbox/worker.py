"""The program that parses files: `python -I -m klima_shared.sandbox.worker`, started by `pool`.

It reads a task and the bytes of a file from its standard input and writes pieces to its standard
output, until its input ends. Its limits hold for whatever a file makes it do.
"""

import contextlib
import gc
import os
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from klima_shared.language.text import Text
from klima_shared.sandbox import documents, separated, wire, workbook, yaml
from klima_shared.sandbox.model import Limits, RefusedError

MEMORY: Final = 320 << 20
"""Address space, that of the interpreter included (some 20 MiB)."""
CPU_SECONDS: Final = 4
MAX_RESULT: Final = 96 << 20
_NICE: Final = 5
_NO_JSON: Final = Text("The file is not valid JSON.")


def main() -> None:
    """Serve tasks until the service is gone."""
    _limit()
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    gc.disable()  # what a file becomes has no circles, and the process does not live long
    wire.write(outgoing, ["ready"])
    outgoing.flush()
    with contextlib.suppress(wire.BrokenError):
        while True:
            _, kind, options, size = wire.read(incoming)
            _limit_time()
            _serve(outgoing, kind, options, incoming.read(size))
            outgoing.flush()


def _limit() -> None:
    """Limits that nothing in this process can raise again."""
    for name, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows some of them only by name
            resource.setrlimit(name, (most, most))
    with contextlib.suppress(OSError):
        os.nice(_NICE)  # answering goes before parsing


def _limit_time() -> None:
    used = int(time.process_time()) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, hard))


def _serve(outgoing: BinaryIO, kind: str, options: dict[str, Any], data: bytes) -> None:
    size = 0
    try:
        for piece in _pieces(kind, options, data):
            size += wire.write(outgoing, piece)
            if size > MAX_RESULT:
                raise RefusedError(documents.TOO_MUCH)
        wire.write(outgoing, ["done"])
    except RefusedError as error:
        refusal = ["refused", wire.text_out(error.text), error.pointer, error.line]
        wire.write(outgoing, refusal)


def _pieces(kind: str, options: dict[str, Any], data: bytes) -> Iterator[list[object]]:
    match kind:
        case "workbook":
            for sheet in workbook.workbook_sheets(data, Limits(**options["limits"])):
                yield from wire.sheet_out(sheet)
        case "csv":
            limits = Limits(**options["limits"])
            yield from wire.sheet_out(separated.csv_sheet(data, limits, options["dialect"]))
        case "json":
            try:
                yield from wire.document_out(documents.read_json(data))
            except ValueError as error:
                raise RefusedError(_NO_JSON, line=getattr(error, "lineno", 1)) from error
        case "document":
            yield from wire.document_out(_document(data))


def _document(data: bytes) -> object:
    """The value of a file in JSON or YAML, which in flow style looks like JSON."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        with contextlib.suppress(ValueError):
            return documents.read_json(data)
    return yaml.read_yaml(data)


if __name__ == "__main__":
    main()
