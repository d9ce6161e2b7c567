"""Lists and counts of measures as a reader sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.actions.context import Frame, beginning
from klima_measures.catalogue.queries import counts, listing
from klima_measures.catalogue.queries.listing import Filters, Reader
from klima_measures.sheets.actions.references import unknown_regions
from klima_measures.sheets.model.codes import Editorial, Horizon, Level, MeasureType, Priority
from klima_measures.sheets.queries import measures
from klima_shared.codes.lists import Labelled, MeasureStatus, Phase
from klima_shared.database.connections import ReadConnection
from klima_shared.http.paging import PageRequest
from klima_shared.http.problems import FieldError, invalid
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

Row = Any


async def check_regions(connection: AsyncConnection, frame: Frame, filters: Filters) -> None:
    """422 for a region key that nobody has: an empty list would look like an answer."""
    if not filters.regions:
        return
    unknown = await unknown_regions(connection, frame, filters.regions)
    if unknown:
        texts = [Text("There is no region {a}.", a=a) for a in unknown]
        raise invalid(texts[0], *(FieldError("/query/region", text) for text in texts))


async def page(
    connection: ReadConnection,
    filters: Filters,
    reader: Reader,
    order: str,
    paging: PageRequest,
    key: Sequence[Any] | None,
    *,
    descending: bool,
) -> tuple[Sequence[Row], str | None, int]:
    """(rows, next cursor, total): one query."""
    rows, total = await listing.page(
        connection,
        filters,
        reader,
        order=order,
        descending=descending,
        limit=paging.limit + 1,
        after=key,
    )
    shown, cursor = paging.cut(rows, listing.key_names(order))
    return shown, cursor, total


async def field_counts(connection: ReadConnection, frame: Frame, reader: Reader) -> dict[str, int]:
    """Field code -> number of measures."""
    rows = await counts.field_counts(connection, Filters(today=frame.today()), reader)
    return {code: n for code, n in rows}  # noqa: C416 (rows are no pairs to the type checker)


_LABELS: Final[dict[str, type[Labelled]]] = {
    "level": Level,
    "type": MeasureType,
    "phase": Phase,
    "status": MeasureStatus,
    "priority": Priority,
    "horizon": Horizon,
    "editorial": Editorial,
}
_YES_NO: Final = {"true": Label("ja", "yes"), "false": Label("nein", "no")}
FACETS: Final = ("field", "region", "intermunicipal", "year", *_LABELS)


async def facets(
    connection: ReadConnection, frame: Frame, filters: Filters, reader: Reader, lang: Lang
) -> tuple[int, dict[str, list[tuple[str, str, int]]]]:
    """(total, facet -> (value, label, count) in the order of the code list, else of the values)."""
    found: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for name, value, n in await counts.facets(connection, filters, reader):
        found[name][value] = n
    names = await measures.region_names(connection)
    fields = frame.fields.labels(lang)
    labelled: dict[str, list[tuple[str, str, int]]] = {}
    for name, numbers in found.items():
        if name in _LABELS:
            rows = [
                (m.value, m.label(lang), numbers[m.value])
                for m in _LABELS[name]
                if m.value in numbers
            ]
        elif name == "field":
            rows = [
                (code, label, numbers[code]) for code, label in fields.items() if code in numbers
            ]
        elif name == "intermunicipal":
            rows = [
                (value, text.get(lang), numbers[value])
                for value, text in _YES_NO.items()
                if value in numbers
            ]
        else:
            rows = [(value, names.get(value, value), n) for value, n in sorted(numbers.items())]
        labelled[name] = rows
    return sum(found["intermunicipal"].values()), labelled


MOST: Final = 2000


async def latest(connection: ReadConnection, filters: Filters, reader: Reader) -> datetime:
    """When anything of what the filters leave was last changed; the figures are as of then."""
    return await counts.latest_change(connection, filters, reader) or as_of_nothing(filters)


def as_of_nothing(filters: Filters) -> datetime:
    """Of an answer with nothing in it: that there is nothing holds for the day that was asked
    about."""
    return beginning(filters.today)
