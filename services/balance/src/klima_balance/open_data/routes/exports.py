"""Everything that is published as one file: balances, regions, factors; boundaries."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlalchemy import RowMapping
from starlette.responses import Response

from klima_balance.balances.files import columns_of, table_of
from klima_balance.balances.routes.documents import loaded
from klima_balance.open_data import files as parquet
from klima_balance.open_data import queries as exports
from klima_balance.regions.actions import geometry
from klima_balance.regions.routes.common import TableBlock, region_or_404
from klima_shared.codes.energy import Block
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Database, Read, database_of
from klima_shared.formats import (
    Column,
    Format,
    RequestedFormat,
    Table,
    table_response,
    tabular,
    to_bytes,
)
from klima_shared.formats.tables import read_columns
from klima_shared.http.etags import digest_etag, none_match
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses, serving
from klima_shared.http.ranges import KeptFiles, Ranged, RangedBytes
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.meta import LICENCE

router = APIRouter(prefix="/v1", tags=["open data"])
BATCH: Final = 100
_PARQUET: Final = "application/vnd.apache.parquet"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            _PARQUET: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
REGION_COLUMNS: Final = read_columns("klima_balance", "open_data.region")
FACTOR_COLUMNS: Final = read_columns("klima_balance", "open_data.factor")


@router.get(
    "/exports/balances.{form}",
    summary="All published balances as one file",
    response_class=Response,
    responses={**_FILE, **problem_responses(422)},
    dependencies=[Ranged],
)
async def export_balances(
    request: Request,
    form: Literal["csv", "parquet"],
    lang: RequestLanguage,
    year: Annotated[int | None, Query(ge=1990, le=2100, description="only this year")] = None,
    block: TableBlock = Block.BISKO,
) -> Response:
    """The newest version of every region and year, cell by cell, as `?format=csv` of one balance
    has it, but without rows of totals. Each block is a file of its own.

    With a length, and in parts for `Range`, up to 64 MiB; larger ones are written while they are
    sent. An unchanged state answers 304 to `If-None-Match`.
    """
    database = database_of(request)
    async with database.read() as read:
        state = await exports.state(read, year)
    etag = digest_etag(orjson.dumps([state, form, lang, year, block]))
    apart = "" if block is Block.BISKO else f"-{block.value}"
    headers = {
        "ETag": etag,
        "Content-Language": lang,
        "Content-Disposition": (
            f'attachment; filename="bilanzen{f"-{year}" if year else ""}{apart}.{form}"'
        ),
    }
    if none_match(request.headers, etag):
        return Response(status_code=304, headers={"ETag": etag})

    def write() -> AsyncIterator[bytes]:
        batches = _batches(database, lang, year, block)
        return _csv(batches) if form == "csv" else parquet.stream(columns_of(block), batches)

    media_type = Format.CSV.media_type if form == "csv" else _PARQUET
    files: KeptFiles = request.app.state.files
    return await files.response(etag, write, headers, media_type)


async def _batches(
    database: Database, lang: Lang, year: int | None, block: Block
) -> AsyncIterator[Table]:
    """Tables of up to `BATCH` balances, in the order of key and year; an empty one when there is
    none."""
    last: tuple[str, int] | None = None
    while True:
        async with database.read() as read:
            rows = await exports.documents(read, year, last, BATCH)
        if rows:
            yield table_of([loaded(row, lang) for row in rows], lang, block)
            last = (rows[-1].region, rows[-1].year)
        elif last is None:
            yield Table("bilanzen", Label("Bilanzen", "Balances"), columns_of(block), ())
        if len(rows) < BATCH:
            return


async def _csv(batches: AsyncIterator[Table]) -> AsyncIterator[bytes]:
    first = True
    async for table in batches:
        content = to_bytes(table, "csv")
        yield content if first else content.partition(b"\r\n")[2]
        first = False


class RegionRow(BaseModel):
    ags: str
    ars: str | None
    name: str
    kind: str
    parent: str | None
    population: float | None
    land_area_ha: float | None


class RegionRows(BaseModel):
    items: list[RegionRow]
    licence: str = LICENCE


@router.get("/exports/regions", summary="All regions as a table", **tabular(RegionRows, 422))
async def export_regions(
    read: Read, lang: RequestLanguage, form: RequestedFormat
) -> RegionRows | Response:
    """The registry with population and area of 2021."""
    rows = await exports.regions(read)
    if form is Format.JSON:
        return RegionRows(items=[RegionRow(**row) for row in rows])
    title = Label("Gebietseinheiten", "Regions")
    return await table_response(_table("gemeinden", title, REGION_COLUMNS, rows), form, lang)


class FactorRow(BaseModel):
    factor_set: str
    category: str
    year: int | None
    gas: str
    value: float
    unit: str
    source: str
    certainty: str


class FactorRows(BaseModel):
    items: list[FactorRow]
    licence: str = LICENCE


@router.get(
    "/exports/factors", summary="All released factors as a table", **tabular(FactorRows, 422)
)
async def export_factors(
    read: Read, lang: RequestLanguage, form: RequestedFormat
) -> FactorRows | Response:
    """Every factor of the released sets with its source."""
    rows = await exports.factors(read)
    if form is Format.JSON:
        return FactorRows(items=[FactorRow(**row) for row in rows])
    title = Label("Emissionsfaktoren", "Emission factors")
    return await table_response(_table("faktoren", title, FACTOR_COLUMNS, rows), form, lang)


def _table(name: str, title: Text, columns: Sequence[Column], rows: Sequence[RowMapping]) -> Table:
    cells = [[row[column.name] for column in columns] for row in rows]
    return Table(name, title, columns, cells, [(Label("Lizenz", "Licence"), LICENCE)])


@router.get(
    "/exports/regions.geojson",
    summary="Boundaries of municipalities",
    **serving("application/geo+json", 404, 422, type="object"),
    dependencies=[Ranged],
)
async def export_boundaries(
    request: Request,
    read: Read,
    lang: RequestLanguage,
    parent: Annotated[
        Ags | None,
        Query(description="the regions directly below; the installation's county by default"),
    ] = None,
) -> Response:
    """GeoJSON of what was imported. Without an import it is empty, and says which regions are
    missing."""
    above = parent or str(request.app.state.settings.county)
    await region_or_404(read, above)
    found, missing, sources = await geometry.features(read, above)
    none = Text("No boundaries have been imported.")
    some = Text("Boundaries of {n} regions are missing.")
    note = None if not missing else (some if found else none).get(lang).format(n=len(missing))
    content = {
        "type": "FeatureCollection",
        "features": found,
        "missing": missing,
        "note": note,
        "attribution": sources,
    }
    return RangedBytes(orjson.dumps(content), {"Content-Language": lang}, "application/geo+json")
