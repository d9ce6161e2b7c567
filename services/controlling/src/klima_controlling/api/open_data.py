"""The open-data catalogue of the controlling service; it also lists those of the other two."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fastapi import Request

from klima_controlling.api.budget import COLUMNS as BUDGET_COLUMNS
from klima_controlling.api.indicators import COLUMNS as INDICATOR_COLUMNS
from klima_controlling.storage import feed
from klima_controlling.usecases.frame import frame_of
from klima_shared.catalog import EPOCH, Catalogue, Dataset, Distribution, address_of, tables
from klima_shared.catalog_routes import base_of, catalogue_router
from klima_shared.database import ReadConnection
from klima_shared.messages import Text

_WORDS: Final = ("Klimaschutz", "Controlling", "Kreis Soest")
_JSON: Final = Text("JSON", "JSON")


def datasets(county: str) -> tuple[Dataset, ...]:
    """What this service gives out, with addresses for the installation's county where a table is of one region."""
    return (
        Dataset(
            "indicators", Text("Klimaschutz-Indikatoren des Kreises", "Climate indicators of the county"),
            Text("Werte aller Indikatoren mit Herkunft, Güte und Mittel im Kreis; dieselbe Adresse gibt es je Gemeinde.",
                 "Values of all indicators with origin, grade and the county's mean; the same address for every municipality."),
            (*_WORDS, "Indikatoren"), tables(f"/v1/regions/{county}/indicators"), "get_region_indicators",
            tuple(INDICATOR_COLUMNS),
        ),
        Dataset(
            "targets", Text("Klimaziele mit Beschluss", "Climate targets with their decisions"),
            Text("Ziele, Pfade und der Beschluss dahinter.", "Targets, paths and the decision behind them."),
            (*_WORDS, "Ziele"), (Distribution("json", "/v1/targets", _JSON),), "list_targets",
        ),
        Dataset(
            "status", Text("Ampeln der Klimaziele", "Lights of the climate targets"),
            Text("Stand gegenüber dem Pfad mit der Regel; dieselbe Adresse gibt es für jede Gemeinde.",
                 "State beside the path with its rule; the same address exists for every municipality."),
            (*_WORDS, "Ampel"), (Distribution("json", f"/v1/regions/{county}/status", _JSON),), "get_region_status",
        ),
        Dataset(
            "budget", Text("Haushalt der Maßnahmen", "Budget of the measures"),
            Text("Geplant, bewilligt, ausgegeben je Maßnahme und Jahr.", "Planned, granted, spent by measure and year."),
            (*_WORDS, "Haushalt"), tables("/v1/budget"), "get_budget", tuple(BUDGET_COLUMNS), ("ENVI", "GOVE"),
        ),
    )  # fmt: skip


async def _catalogue(request: Request, read: ReadConnection) -> Catalogue:
    frame = frame_of(request)
    modified: datetime | None = await feed.modified(read)
    others = (
        (frame.balance_public_url, Text("Klimakreis: Bilanzen", "Klimakreis: balances")),
        (frame.measures_public_url, Text("Klimakreis: Maßnahmen", "Klimakreis: measures")),
    )
    return Catalogue(
        "controlling", Text("Klimakreis: Controlling", "Klimakreis: controlling"),
        Text("Indikatoren, Ziele, Ampeln und Haushalt des kommunalen Klimaschutzes.",
             "Indicators, targets, lights and budget of municipal climate action."),
        base_of(request), frame.county, datasets(frame.county), modified or EPOCH,
        others=tuple((address_of(base), title) for base, title in others if base),
    )  # fmt: skip


router = catalogue_router(_catalogue)
