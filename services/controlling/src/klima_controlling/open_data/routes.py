"""The open-data catalogue and the change feed of the controlling service; it also lists the other
two catalogues."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request

from klima_controlling.base.model import Boundary
from klima_controlling.base.routes import context_of
from klima_controlling.budget.routes import COLUMNS as BUDGET_COLUMNS
from klima_controlling.indicators.routes import COLUMNS as INDICATOR_COLUMNS
from klima_controlling.open_data import queries as feed
from klima_shared.county import served_county
from klima_shared.database.change_feed import Change, Changes, Cursor, Limit, after, answer
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
_WORDS: Final = ("Klimaschutz", "Controlling", served_county().name)
_JSON: Final = Label("JSON", "JSON")
_LISTS: Final = {
    "indicator": "indicators",
    "indicator_value": "indicators",
    "target": "targets",
    "report": "reports",
    "data_delivery": "data-deliveries",
}
_CHANGES: Final = Distribution(
    "json", "/v1/changes", Label("Änderungen seit einem Stand", "Changes since a state")
)


def datasets(county: str) -> tuple[Dataset, ...]:
    """What this service gives out, with addresses for the installation's county where a table is of
    one region."""
    return (
        Dataset(
            "indicators",
            Label("Klimaschutz-Indikatoren des Kreises", "Climate indicators of the county"),
            Text(
                "Values of all indicators with origin, grade and the county's mean; the same "
                "address for every municipality."
            ),
            (*_WORDS, "Indikatoren"),
            (*tables(f"/v1/regions/{county}/indicators"), _CHANGES),
            "get_region_indicators",
            tuple(INDICATOR_COLUMNS),
        ),
        Dataset(
            "indicator-definitions",
            Label("Definitionen der Indikatoren", "Definitions of the indicators"),
            Text("What is measured and how: unit, formula, interval, owner, source."),
            (*_WORDS, "Indikatoren"),
            (Distribution("json", "/v1/indicators", _JSON), _CHANGES),
            "list_indicators",
        ),
        Dataset(
            "targets",
            Label("Klimaziele mit Beschluss", "Climate targets with their decisions"),
            Text("Targets, paths and the decision behind them."),
            (*_WORDS, "Ziele"),
            (Distribution("json", "/v1/targets", _JSON), _CHANGES),
            "list_targets",
        ),
        Dataset(
            "status",
            Label("Ampeln der Klimaziele", "Lights of the climate targets"),
            Text(
                "State beside the path with its rule; the same address exists for every "
                "municipality."
            ),
            (*_WORDS, "Ampel"),
            (Distribution("json", f"/v1/regions/{county}/status", _JSON),),
            "get_region_status",
        ),
        Dataset(
            "budget",
            Label("Haushalt der Maßnahmen", "Budget of the measures"),
            Text("Planned, granted, spent by measure and year."),
            (*_WORDS, "Haushalt"),
            tables("/v1/budget"),
            "get_budget",
            tuple(BUDGET_COLUMNS),
            ("ENVI", "GOVE"),
        ),
        Dataset(
            "reports",
            Label("Klimaberichte", "Climate reports"),
            Text(
                "Published yearly reports with all their versions; each as HTML, PDF and CSV too."
            ),
            (*_WORDS, "Bericht"),
            (Distribution("json", "/v1/reports", _JSON), _CHANGES),
            "list_reports",
            periodicity="ANNUAL",
        ),
        Dataset(
            "deliveries",
            Label("Fällige Datenlieferungen", "Data deliveries that are due"),
            Text("Which data comes when from whom; as a calendar too."),
            (*_WORDS, "Daten"),
            (
                Distribution("json", "/v1/data-deliveries", _JSON),
                Distribution(
                    "ics", "/v1/data-deliveries/calendar.ics", Label("Kalender", "Calendar")
                ),
                _CHANGES,
            ),
            "list_data_deliveries",
            (),
            ("ENVI", "GOVE"),
        ),
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
    "/changes", summary="What changed in the published data", responses=problem_responses(422)
)
async def list_changes(read: Read, cursor: Cursor = None, limit: Limit = 100) -> Changes:
    """Indicators, entered values, targets, deliveries and published reports in the order of
    writing. A new version stands beside the one before, which stays readable; nothing public is
    ever deleted here, and a draft leaves no trace.
    """
    key = after(cursor, int)
    rows = await feed.changes(read, key[0] if key else 0, limit)
    return answer(
        [_change(row) for row in rows],
        [rows[-1].position] if rows else None,
        cursor,
        full=len(rows) == limit,
    )


def _change(row: Any) -> Change:
    fields, code = row.after or {}, row.entity_id
    version = (
        fields.get("revision")
        if row.entity in ("indicator", "indicator_value")
        else fields.get("version")
    )
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
