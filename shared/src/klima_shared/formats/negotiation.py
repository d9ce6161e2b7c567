"""Which form the caller wants, and the answer in it."""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from typing import Annotated, Any, Final, TypedDict

import anyio.to_thread
from fastapi import Depends, Header, Query, Response
from starlette.responses import StreamingResponse

from klima_shared.formats.tables import Table
from klima_shared.formats.writing import write_chunks
from klima_shared.http.operations import Fact, tells
from klima_shared.http.problems import problem_responses
from klima_shared.http.ranges import Ranged, RangedBytes
from klima_shared.language.numbers import DEFAULT, Lang

_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)
# Up to here an answer goes out in one piece, with a length, an ETag of its bytes and parts of it.
WHOLE: Final = 1 << 22


class Format(StrEnum):
    """The forms of an answer that is a table."""

    JSON = "json"
    CSV = "csv"
    CSV_DE = "csv-de"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self.value]

    @property
    def suffix(self) -> str:
        return "csv" if self is Format.CSV_DE else self.value


_MEDIA_TYPES: Final = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
    "csv-de": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ACCEPTED: Final = {
    "application/json": Format.JSON,
    "application/*": Format.JSON,
    "*/*": Format.JSON,
    "text/csv": Format.CSV,
    _MEDIA_TYPES["xlsx"]: Format.XLSX,
}


def negotiate_format(asked: Format | None, accept: str | None) -> Format:
    """`?format=` if given, else the best of `Accept`, else JSON: a browser that opens an address
    gets something."""
    if asked is not None:
        return asked
    best, best_weight = Format.JSON, 0.0
    for entry in (accept or "")[:1000].split(","):
        media, *parameters = (part.strip().lower() for part in entry.split(";"))
        form = _ACCEPTED.get(media)
        weight = next((_weight(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        if form is not None and weight > best_weight:
            best, best_weight = form, weight
    return best


def _weight(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](\.[0-9]{0,3})?", text) else 0.0


@tells(Fact.TABLE)
async def _requested(
    response: Response,
    _ranged: Annotated[None, Ranged],
    asked: Annotated[
        Format | None,
        Query(
            alias="format",
            description="json, csv (RFC 4180), csv-de (German Excel: `;`, decimal comma) or xlsx",
        ),
    ] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Format:
    response.headers["Vary"] = "Accept"
    return negotiate_format(asked, accept)


RequestedFormat = Annotated[Format, Depends(_requested)]
"""The wanted form as a parameter of a route. For `Format.JSON` a route returns its own model, else
`table_response`."""


async def table_response(table: Table, form: Format, lang: Lang = DEFAULT) -> Response:
    """`table` as a download in `form`: in one piece when it is short, streamed from a worker thread
    when it is long.

    Errors of the table (`ValueError`) surface before the first byte when it is short or an Excel
    file.
    """
    chunks = write_chunks(table, form.value, lang)
    start = await anyio.to_thread.run_sync(_up_to, chunks, WHOLE)
    headers = {
        "Content-Disposition": f'attachment; filename="{_file_name(table.name)}.{form.suffix}"',
        "Vary": "Accept, Accept-Language",
        "Content-Language": lang,
    }
    if sum(map(len, start)) < WHOLE:
        return RangedBytes(b"".join(start), headers, form.media_type)
    return StreamingResponse(chain(start, chunks), headers=headers, media_type=form.media_type)


def _up_to(chunks: Iterator[bytes], size: int) -> list[bytes]:
    taken: list[bytes] = []
    while sum(map(len, taken)) < size and (chunk := next(chunks, None)) is not None:
        taken.append(chunk)
    return taken


def _file_name(name: str) -> str:
    """Letters, digits, dot and dash: safe in a header and on every file system."""
    name = name.translate(_UMLAUTS)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "tabelle"


def table_responses() -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that offers a table: what 200 may look like beside JSON."""
    text: dict[str, Any] = {"schema": {"type": "string"}}
    binary: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": {"text/csv": text, _MEDIA_TYPES["xlsx"]: binary}}}


class Tabular(TypedDict):
    """Options of a route; what they are is FastAPI's."""

    response_model: Any
    responses: dict[int | str, dict[str, Any]]


def tabular(answer: Any, *problems: int) -> Tabular:
    """How a route that offers a table beside this model describes itself."""
    responses = {**table_responses(), **problem_responses(*problems)}
    return Tabular(response_model=answer, responses=responses)
