"""Tagged PDF (PDF/UA-1) set with typst, in a process of its own with limits of memory and time.

Nothing is fetched, no font of the machine is used: the same bytes every time. What the process
does is in `typesetter`. For services with the extra `pdf`.
"""

import atexit
import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from math import inf
from typing import Any, Final, NamedTuple

import anyio
import anyio.to_thread
import orjson
from anyio.lowlevel import RunVar

from klima_shared.http.problems import invalid, unavailable
from klima_shared.language.characters import without_control_characters
from klima_shared.language.text import Text
from klima_shared.sandbox import wire
from klima_shared.sandbox.processes import EndedError, Processes, Program

_BOX: Final = "□"
_PROGRAM: Final = "klima_shared.look.typesetter"
_BUSY: Final = Text("Many PDFs are being made at the moment. Please try again.")
_NOT_MADE: Final = Text("PDFs can't be made at the moment. Please try again.")
_TOO_MUCH: Final = Text(
    "Setting this PDF takes too much time or memory: there is too much text in it. Its content can "
    "be read in the other forms."
)


class TypesettingError(Exception):
    """A fault in a template."""


class Room(NamedTuple):
    """How much a document may take: documents at once, seconds to wait for a turn, on the wall and
    of computing, bytes of addresses, but never more than `share` of the container's memory, and
    bytes of data."""

    workers: int
    wait: float
    deadline: float
    seconds: int
    memory: int
    share: float
    data: int


PAGES: Final = Room(
    workers=2, wait=20.0, deadline=45.0, seconds=15, memory=1 << 30, share=0.35, data=8 << 20
)
"""For what is made while somebody waits."""
BOOK: Final = Room(
    workers=1, wait=inf, deadline=300.0, seconds=180, memory=3 << 30, share=0.6, data=32 << 20
)
"""For what is made in the background."""


@cache
def processes(room: Room) -> Processes:
    """The processes of this room; the first one starts with the first document or `prepare`."""
    made = Processes(Program(_PROGRAM, room.deadline, _BUSY, _NOT_MADE), room.workers)
    atexit.register(made.close)
    return made


def prepare() -> None:
    """Have a process ready for the first document that somebody waits for."""
    processes(PAGES).prepare()


_turns: RunVar[dict[Room, anyio.Semaphore]] = RunVar("turns")


async def typeset(make: Callable[[], bytes], room: Room = PAGES) -> bytes:
    """What `make` makes with `pdf`, in a thread, as soon as there is room for it: who waits takes
    neither a thread nor may they hold a connection. 503 when that takes too long."""
    try:
        turns = _turns.get()
    except LookupError:
        _turns.set(turns := {})
    turn = turns.setdefault(room, anyio.Semaphore(room.workers))
    with anyio.move_on_after(room.wait) as scope:
        await turn.acquire()
    if scope.cancelled_caught:
        raise unavailable(_BUSY)
    try:
        return await anyio.to_thread.run_sync(make)
    finally:
        turn.release()


def pdf(template: bytes, data: Mapping[str, Any], moment: datetime, room: Room = PAGES) -> bytes:
    """The document that `template` (typst; it finds `data` as JSON in `sys.inputs.data`) makes,
    dated `moment`.

    Blocks for tenths of a second or more: call it through `typeset`, without a connection in hand.
    A sign that no font has (an emoji) and a control character become a box. 422 for a document that
    takes more than `room`, 503 when there is no process to be had; `TypesettingError` for a fault
    in the template.
    """
    text = orjson.dumps(printable(data), default=str)
    if len(text) > room.data:
        raise invalid(_TOO_MUCH)
    options = {
        "template": template.decode(),
        "moment": int(moment.timestamp()),
        "memory": room.memory,
        "share": room.share,
        "seconds": room.seconds,
    }
    pieces: list[bytes] = []

    def take(piece: wire.Piece) -> None:
        match piece:
            case ["pdf", str(content)]:
                pieces.append(base64.b64decode(content))
            case ["fault", str(words)]:
                raise TypesettingError(words)
            case _:
                raise wire.BrokenError

    _run(room, text, options, take)
    return b"".join(pieces)


def _run(room: Room, text: bytes, options: Mapping[str, object], take: wire.Receive) -> None:
    try:
        processes(room).run("pdf", text, options, take)
    except EndedError as error:
        raise (invalid(_TOO_MUCH) if error.too_much else unavailable(_NOT_MADE)) from error


def printable(value: object) -> object:
    """The value with all its texts, which may be older than the rule for control characters,
    without them and without byte order marks."""
    if isinstance(value, str):
        return without_control_characters(value, _BOX).replace("\ufeff", "")
    if isinstance(value, Mapping):
        return {name: printable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable(one) for one in value]
    return value
