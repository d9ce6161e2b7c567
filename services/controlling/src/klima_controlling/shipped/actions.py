"""Storing the indicators, targets and deliveries that come with the service; what is there already
stays."""

import csv
from datetime import date
from importlib.resources import files
from uuid import NAMESPACE_URL, uuid5

from klima_controlling.base.tables import metadata
from klima_controlling.deliveries.queries import DELIVERY, UNIQUE
from klima_controlling.formulas.rules import parse
from klima_controlling.indicators import actions as indicator_actions
from klima_controlling.indicators import queries as indicators
from klima_controlling.indicators.model import Indicator
from klima_controlling.settings import Settings
from klima_controlling.targets import actions as target_actions
from klima_controlling.targets import queries as targets
from klima_controlling.targets.model import Target
from klima_shared.codes.regions import canonical_ags
from klima_shared.database.connections import Database
from klima_shared.http.auth import Principal
from klima_shared.revisions.writing import Writer, create_unless_there, writing

SHIPPED = Principal(subject="load-shipped")


def _rows(name: str) -> list[dict[str, str]]:
    """The rows of a shipped CSV file, all cells as text."""
    text = (files("klima_controlling.shipped") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def shipped_indicators() -> list[Indicator]:
    shipped = [
        indicators.indicator_of(
            {
                **row,
                "position": int(row["position"]),
                "formula": row["formula"] or None,
                "normaliser": row["normaliser"] or None,
                "interval_months": int(row["interval_months"]),
                "share": row["share"] == "true",
            }
        )
        for row in _rows("indicators.csv")
    ]
    for one in shipped:
        if one.formula:
            parse(one.formula)
    return shipped


def shipped_targets() -> list[Target]:
    return [
        targets.target_of(
            {
                **row,
                "version": 1,
                "year": int(row["year"]),
                "value": float(row["value"]),
                "base_year": None,
                "points": [],
                "tolerance_percent": float(row["tolerance_percent"]),
                "decision": {"body": row["decision_body"], "source": row["decision_source"]}
                if row["decision_body"]
                else None,
                "headline": row["headline"] == "true",
                "applies_below": row["applies_below"] == "true",
            }
        )
        for row in _rows("targets.csv")
    ]


async def load(settings: Settings) -> dict[str, int]:
    """How many of each were new. Each of those leaves an audit row, which the change feed reads."""
    database = Database(settings, metadata)
    try:
        async with writing(database, SHIPPED) as writer:
            return {
                "indicators": await _indicators(writer, canonical_ags(settings.county)),
                "targets": await _targets(writer),
                "deliveries": await _deliveries(writer),
            }
    finally:
        await database.close()


async def _indicators(writer: Writer, county: str) -> int:
    count = 0
    for one in shipped_indicators():
        count += await indicator_actions.add(writer, county, one, "load") is not None
    return count


async def _targets(writer: Writer) -> int:
    connection = writer.connection
    new = [one for one in shipped_targets() if not await targets.versions(connection, one.code)]
    for one in new:
        await target_actions.add(writer, one, "load")
    return len(new)


async def _deliveries(writer: Writer) -> int:
    count = 0
    for row in _rows("deliveries.csv"):
        values = {
            **row,
            "id": uuid5(NAMESPACE_URL, f"klimakreis:delivery:{row['region']}:{row['title']}"),
            "interval_months": int(row["interval_months"]),
            "first_due": date.fromisoformat(row["first_due"]),
            "most_months": int(row["most_months"]) if row["most_months"] else None,
        }
        new = await create_unless_there(writer, DELIVERY, values, UNIQUE, action="load")
        count += new is not None
    return count
