"""Files as answers: with a length and an ETag, and in parts for who asks for a `Range`, so that a
broken download goes on where it stopped.

What is small goes out of memory. What is larger is written to a file first, up to `MOST` bytes;
beyond that an answer is sent as it is written, without a length and whole.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

import anyio
from fastapi import Depends, Header
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from klima_shared.http.etags import digest_etag
from klima_shared.http.operations import Fact, tells
from klima_shared.http.problems import Problem
from klima_shared.language.text import Label, Text

MOST: Final = 64 << 20
KEPT: Final = 6
"""Files that wait in the folder of a process for who asks for more of them."""
_ONE: Final = re.compile(r"bytes=\s*(?:([0-9]{1,15})-([0-9]{1,15})?|-([0-9]{1,15}))\s*")
_SEVERAL: Final = re.compile(r"bytes=[-, \t]*[0-9][-0-9, \t]*")


def outside(size: int) -> Problem:
    """416: nothing of the range lies in the file."""
    return Problem(
        416,
        "range-not-satisfiable",
        Label("Der Ausschnitt liegt außerhalb", "The range lies outside of the file"),
        Text("The file has {size} bytes.", size=size),
        headers={"Content-Range": f"bytes */{size}"},
    )


class RangedBytes(Response):
    """Bytes in memory; one range of them for who asks. Several at once get the whole."""

    def __init__(self, content: bytes, headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(content, 200, headers, media_type)
        self.headers.setdefault("ETag", digest_etag(content))
        self.headers["Accept-Ranges"] = "bytes"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, content = Headers(scope=scope), bytes(self.body)
        wanted = _ONE.fullmatch(asked.get("range", ""))
        fresh = asked.get("if-range", self.headers["ETag"]) == self.headers["ETag"]
        if wanted and fresh and "if-none-match" not in asked:
            first, last = _bounds(wanted, len(content))
            self.status_code, self.body = 206, content[first : last + 1]
            self.headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def _bounds(wanted: re.Match[str], size: int) -> tuple[int, int]:
    """First and last byte of a range. Raises 416 for one outside."""
    if wanted[3] is not None:
        first, last = max(size - int(wanted[3]), 0), size - 1
        empty = int(wanted[3]) == 0
    else:
        first, last = int(wanted[1]), min(int(wanted[2] or size - 1), size - 1)
        empty = False
    if empty or first > last:
        raise outside(size)
    return first, last


class RangedFile(FileResponse):
    """starlette's, with a problem for a range outside; what is no range of bytes is passed over, as
    HTTP wants."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        if not _SEVERAL.fullmatch(asked.get("range", "")) or "if-none-match" in asked:
            kept = [(name, value) for name, value in scope["headers"] if name != b"range"]
            scope = {**scope, "headers": kept}

        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in {400, 416}:
                raise outside(self.stat_result.st_size if self.stat_result else 0)
            await send(message)

        await super().__call__(scope, receive, checked)


Writing = Callable[[], AsyncIterator[bytes]]


class KeptFiles:
    """The newest files of a process, by their ETag, so that a file is written once for the many
    parts of it that are asked for."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.folder, self.most, self._lock = folder, most, anyio.Lock()

    async def response(
        self, etag: str, write: Writing, headers: Mapping[str, str], media_type: str
    ) -> Response:
        """The file with this ETag; `write` makes its bytes where it is not there."""
        path = self.folder / etag.strip('"')
        async with self._lock:
            if not path.exists():
                try:
                    whole = await self._write(path, write())
                except OSError:  # no space: then it is sent as it is written
                    whole = False
                if not whole:
                    return StreamingResponse(write(), headers=headers, media_type=media_type)
        return RangedFile(
            path, headers={**headers, "ETag": etag}, media_type=media_type, stat_result=path.stat()
        )

    async def _write(self, path: Path, chunks: AsyncIterator[bytes]) -> bool:
        """Write the file; False when it gets too large, nothing is left of it then."""
        begun, size = path.with_suffix(".part"), 0
        try:
            async with await anyio.open_file(begun, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > self.most:
                        return False
                    await file.write(chunk)
            begun.rename(path)
        finally:
            begun.unlink(missing_ok=True)
        files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        for old in files[:-KEPT]:
            old.unlink()
        return True


@tells(Fact.RANGES)
async def _ranges(
    _: Annotated[
        str | None,
        Header(
            alias="Range",
            description="a part of the file (206): `bytes=0-1023`; with `If-Range` only of this "
            "very file. Several at once may get the whole",
            examples=["bytes=0-1023"],
            json_schema_extra={"maxLength": 200},
        ),
    ] = None,
) -> None:
    """For the document; the answers above read the header themselves."""


Ranged = Depends(_ranges)
"""A dependency of routes that answer with a file."""
