"""The open-data catalogue and the change feed of the controlling service; it also lists the other
two catalogues."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request

from klima_controlling.base.model import Boundary
from klima_controlling.base.routes import context_of
from klima_controlling.budget.routes import COLUMNS as BUDGET_COLUMNS
from klima_controlling.indicators.routes import COLUMNS as INDICATOR_COLUMNS
from klima_controlling.open_data import queries as feed
from klima_shared.county import served_county
from klima_shared.database.change_feed import (
    Change,
    Changes,
    Cursor,
    Limit,
    after,
    answer,
    check_not_ahead,
)
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.problems import problem_responses
from klima_shared.language.text import Label, Text
from klima_shared.open_data.catalog import (
    EPOCH,
    Catalogue,
    Dataset,
    Distribution,
    address_of,
    tables,
)
from klima_shared.open_data.routes import base_of, publisher_of, router

changes_router = APIRouter(prefix="/v1", tags=["open data"])
_LISTS: Final = {
    "indicator": "indicators",
    "indicator_value": "indicators",
    "target": "targets",
    "report": "reports",
    "data_delivery": "data-deliveries",
}
_COLUMNS: Final = {"indicators": INDICATOR_COLUMNS, "budget": BUDGET_COLUMNS, "": ()}


def datasets(county: str) -> tuple[Dataset, ...]:
    """What this service gives out (`datasets.csv`), with addresses for the installation's county
    where a table is of one region."""
    text = (files("klima_controlling.open_data") / "datasets.csv").read_text("utf-8")
    return tuple(_dataset(row, county) for row in csv.DictReader(io.StringIO(text)))


def _dataset(row: Mapping[str, str], county: str) -> Dataset:
    table = row["tables"].replace("{ags}", county)
    single = [text.split(" ", 2) for text in row["files"].split(";") if text]
    return Dataset(
        row["id"],
        Label(row["title_de"], row["title_en"]),
        Label(row["description_de"], row["description_en"]),
        tuple(row["keywords"].replace("{county}", served_county().name).split(";")),
        (
            *(tables(table) if table else ()),
            *(
                Distribution(form, path.replace("{ags}", county), Label(*titles.split(" / ")))
                for form, path, titles in single
            ),
        ),
        row["operation"],
        tuple(_COLUMNS[row["columns"]]),
        tuple(row["themes"].split(";")),
        periodicity=row["periodicity"],
    )


async def build_catalogue(request: Request, read: ReadConnection) -> Catalogue:
    context = context_of(request)
    modified: datetime | None = await feed.modified(read)
    others = (
        (context.balance_public_url, Label("Klimakreis: Bilanzen", "Klimakreis: balances")),
        (context.measures_public_url, Label("Klimakreis: Maßnahmen", "Klimakreis: measures")),
    )
    return Catalogue(
        "controlling",
        Label("Klimakreis: Controlling", "Klimakreis: controlling"),
        Text("Indicators, targets, lights and budget of municipal climate action."),
        base_of(request),
        context.county,
        datasets(context.county),
        modified or EPOCH,
        publisher_of(request),
        others=tuple((address_of(base), title) for base, title in others if base),
        home="/",
    )


@changes_router.get(
    "/changes", summary="What changed in the published data", responses=problem_responses(410, 422)
)
async def list_changes(read: Read, cursor: Cursor = None, limit: Limit = 100) -> Changes:
    """Indicators, entered values, targets, deliveries and published reports in the order of
    writing. A new version stands beside the one before, which stays readable; nothing public is
    ever deleted here, and a draft leaves no trace.
    """
    key = after(cursor, int)
    last = key[0] if key else 0
    check_not_ahead(await feed.reached(read, last))
    rows = await feed.changes(read, last, limit)
    return answer(
        [_change(row) for row in rows],
        [rows[-1].position] if rows else None,
        cursor,
        full=len(rows) == limit,
    )


def _change(row: feed.Entry) -> Change:
    fields, code = row.after or {}, row.entity_id
    number = "revision" if row.entity in ("indicator", "indicator_value") else "version"
    version = fields.get(number)
    url = f"/v1/{_LISTS[row.entity]}/{code}"
    if row.entity == "indicator_value":
        indicator, place, period = fields["indicator"], fields["key"], fields["period"]
        code = f"{indicator}/{place}/{period}"
        where = "organisation" if fields["boundary"] == Boundary.ORGANISATION else "region"
        url = f"/v1/indicators/{indicator}/values?{where}={place}&period={period}"
    elif row.entity == "target":
        url = f"/v1/targets?code={code}"
    return Change(
        at=row.at,
        kind=feed.DATASETS[row.entity],
        id=code,
        operation="upsert",
        region=row.region,
        version=version,
        url=url,
    )


ROUTERS: Final = (changes_router, router)
