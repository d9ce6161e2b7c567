"""Lists, counts and sums of measures as a reader sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import anyio.to_thread

from klima_measures.base.actions.regions import Regions
from klima_measures.base.model.context import beginning
from klima_measures.base.queries.regions import region_names
from klima_measures.base.rules import Reader
from klima_measures.catalogue.queries import sums
from klima_measures.catalogue.queries import sums as counts
from klima_measures.catalogue.queries.listing import Filters
from klima_measures.catalogue.queries.sums import CostTotal
from klima_measures.sheets.model.codes import Editorial, Horizon, Level, MeasureType, Priority
from klima_measures.sheets.rules.sums import Dimension, Sums
from klima_measures.sheets.rules.sums import sums as add_up
from klima_measures.sheets.tables import measure_cost, measure_saving
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.codes.labelled import Labelled
from klima_shared.database.connections import ReadConnection
from klima_shared.http.problems import FieldError, invalid
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

MOST: Final = 2000


def check_regions(regions: Regions, filters: Filters) -> None:
    """422 for a region key that nobody has: an empty list would look like an answer."""
    texts = [Text("There is no region {a}.", a=a) for a in regions.unknown(filters.regions)]
    if texts:
        raise invalid(texts[0], *(FieldError("/query/region", text) for text in texts))


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


class FacetCount(NamedTuple):
    """How many measures there are of a value, and what people call it."""

    value: str
    label: str
    n: int


async def count_facets(
    connection: ReadConnection,
    filters: Filters,
    reader: Reader,
    *,
    fields: dict[str, str],
    lang: Lang,
) -> tuple[int, dict[str, list[FacetCount]]]:
    """(total, facet -> counts in the order of the code list, else of the values). `fields`: labels
    of the fields of action."""
    found: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for name, value, n in await counts.facets(connection, filters, reader):
        found[name][value] = n
    names = await region_names(connection)
    labels = {
        **{name: {m.value: m.label(lang) for m in codes} for name, codes in _LABELS.items()},
        "field": fields,
        "intermunicipal": {value: text.get(lang) for value, text in _YES_NO.items()},
    }
    labelled = {
        facet: [
            FacetCount(value, label, numbers[value])
            for value, label in labels.get(
                facet, {value: names.get(value, value) for value in sorted(numbers)}
            ).items()
            if value in numbers
        ]
        for facet, numbers in found.items()
    }
    return sum(found["intermunicipal"].values()), labelled


async def latest(connection: ReadConnection, filters: Filters, reader: Reader) -> datetime:
    """When anything of what the filters leave was last changed; the figures are as of then. That
    there is nothing holds for the day that was asked about."""
    changed = await counts.latest_change(connection, filters, reader)
    return changed or beginning(filters.today)


class Costs(NamedTuple):
    """What measures cost, and how many say nothing about it."""

    rows: list[CostTotal]
    measures: int
    without: int


@dataclass(frozen=True)
class Savings:
    """`by`: (year, field, sector, carrier, affects_bisko) -> sum; `totals`: (year, affects_bisko)
    -> sum."""

    by: Sums
    totals: Sums
    measures: int
    without: int
    example: bool


async def costs(connection: ReadConnection, filters: Filters, reader: Reader) -> Costs:
    rows = await sums.costs(connection, filters, reader)
    return Costs(rows, *await sums.count_without(connection, filters, reader, measure_cost))


async def savings(connection: ReadConnection, filters: Filters, reader: Reader) -> Savings:
    rows = await sums.savings(connection, filters, reader)
    without = await sums.count_without(connection, filters, reader, measure_saving)
    every: tuple[Dimension, ...] = ("year", "field", "sector", "carrier", "affects_bisko")
    by = await anyio.to_thread.run_sync(add_up, rows, every)
    few: tuple[Dimension, ...] = ("year", "affects_bisko")
    totals = await anyio.to_thread.run_sync(add_up, rows, few)
    return Savings(by, totals, *without, any(row.example for row in rows))
