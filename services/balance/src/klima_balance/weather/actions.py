"""Series of degree days: which one serves a region, and storing one."""

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.actions import keyed
from klima_balance.weather import queries as degree_days
from klima_balance.weather.files import shipped_series
from klima_balance.weather.model import Series, StoredSeries, lookup_order, nearest
from klima_balance.weather.queries import MISSING, SERIES
from klima_shared.codes.access import Role
from klima_shared.http.problems import Problem, invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject


def series_of(row: StoredSeries) -> Series:
    years = {int(year): value for year, value in row.years.items()}
    names = ("region", "definition", "mean", "mean_period", "source", "note")
    return Series(**{name: getattr(row, name) for name in names}, years=years)


async def serving(read: AsyncConnection, ags: str, year: int | None = None) -> Series | None:
    """The nearest series (with a year: that has it): of the region, its county, its state, Germany,
    the shipped one."""
    found = [series_of(row) for row in await degree_days.of_regions(read, lookup_order(ags))]
    return nearest([*found, shipped_series()], ags, year)


def unknown_year(ags: str, year: int) -> Problem:
    """What a reader of the weather view can do for a year of which no degree days are known."""
    return invalid_at(
        "/query/degree_days",
        Text(
            "No degree days are known for {year}. Please give degree_days (of the year) and "
            "mean_degree_days (long-term mean), both from the same source, for example the "
            "Deutscher Wetterdienst; or store the series with PUT /v1/regions/{ags}/degree-days "
            "(role manager).",
            year=year,
            ags=ags,
        ),
    )


async def put(writer: Writer, ags: str, content: JsonObject) -> tuple[StoredSeries, bool]:
    """The stored series and whether it is new; a change needs the ETag it was made on."""
    writer.require(Role.MANAGER, ags)
    return await keyed.put(writer, SERIES, (ags,), content, gone=MISSING)


async def remove(writer: Writer, ags: str) -> None:
    writer.require(Role.MANAGER, ags)
    await keyed.remove(writer, SERIES, (ags,))
