"""The program that sets PDFs: `python -I -m klima_shared.look.typesetter`, started by `pdf`.

It reads a template with its data and writes pieces of the document, until its input ends. Its
limits hold for whatever texts make typst do; it has no fonts, files or connections of the machine.
"""

import base64
import contextlib
import os
import re
import resource
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import typst

from klima_shared.sandbox import wire

# Latin with the accents of Europe, Greek, and the signs of our own texts: the fonts that come with
# typst have them.
_KNOWN: Final = re.compile(
    "[\x00-\x7f\xa0-\u017f\u0370-\u03ff\u2010-\u2027\u202f\u2030-\u205e"
    "\u2080-\u208e\u20ac\u2190-\u2193]"
)
_BOX: Final = "□"
_MOST_LOOKED_UP: Final = 200
_ONE: Final = b'#set document(title: "x")\n#set text(lang: "de")\n#sys.inputs.data'
_PIECE: Final = 1 << 20
_NICE: Final = 5
_SHARE_OF_RESULT: Final = 16
_CONTAINER: Final = Path("/sys/fs/cgroup/memory.max")


def main() -> None:
    """Serve tasks until the service is gone."""
    for name, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))
    with contextlib.suppress(OSError):
        os.nice(_NICE)  # answering goes before setting
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    _compile(_ONE, "x", 0)  # the first document would wait for the fonts
    wire.write(outgoing, ["ready"])
    outgoing.flush()
    with contextlib.suppress(wire.BrokenError), _ending():
        while True:
            _, _, options, size = wire.read(incoming)
            _limit(options["memory"], options["share"], options["seconds"])
            template = options["template"].encode()
            data = incoming.read(size).decode()
            for piece in _set(template, data, options["moment"], options["memory"]):
                wire.write(outgoing, piece)
            outgoing.flush()


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Whoever asked is told why it ends."""
    try:
        yield
    except MemoryError:
        os._exit(wire.TOO_MUCH)


def _limit(memory: int, share: float, seconds: int) -> None:
    """Bytes of addresses and seconds of computing time from now on."""
    with contextlib.suppress(ValueError, OSError):
        container = _CONTAINER.read_text().strip()
        if container.isdigit():
            memory = min(memory, int(int(container) * share))
    with contextlib.suppress(ValueError, OSError):  # macOS knows it only by name
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    used = int(time.process_time()) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


def _set(template: bytes, data: str, moment: int, memory: int) -> Iterator[list[object]]:
    try:
        content = _document(template, data, moment)
    except typst.TypstError as error:
        yield ["fault", str(error)[:2000]]
        return  # the last piece: what comes after it would be taken for the next document's
    if len(content) > memory // _SHARE_OF_RESULT:
        raise MemoryError
    for begin in range(0, len(content), _PIECE):
        yield ["pdf", base64.b64encode(content[begin : begin + _PIECE]).decode()]
    yield ["done"]


def _document(template: bytes, data: str, moment: int) -> bytes:
    """Raises `TypstError` for a fault in the template."""
    try:
        return _compile(template, data, moment)
    except typst.TypstError as error:
        if not _breaks_the_standard(error):
            raise
    data = without_undisplayable(data)
    try:
        return _compile(template, data, moment)
    except typst.TypstError as error:
        # signs that can be shown alone and not together, a heading without words: readable, without
        # the standard's promise
        if not _breaks_the_standard(error):
            raise
        return _compile(template, data, moment, accessible=False)


def _breaks_the_standard(error: typst.TypstError) -> bool:
    """Because of the content; other errors are faults of the template."""
    return "PDF/UA-1 error" in str(error)


def without_undisplayable(text: str) -> str:
    """The text with boxes in the place of signs that the fonts have not."""
    strange = sorted({sign for sign in text if not _KNOWN.match(sign)})
    looked_up = strange[:_MOST_LOOKED_UP]
    bad = [sign for sign in looked_up if not _displayable(sign)] + strange[_MOST_LOOKED_UP:]
    return text.translate({ord(sign): _BOX for sign in bad})


@lru_cache(maxsize=4096)
def _displayable(sign: str) -> bool:
    try:
        _compile(_ONE, sign, 0)
    except typst.TypstError:
        return False
    return True


def _compile(template: bytes, data: str, moment: int, *, accessible: bool = True) -> bytes:
    return typst.compile(
        template,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards="ua-1" if accessible else "1.7",
        timestamp=moment,
    )


if __name__ == "__main__":
    main()
