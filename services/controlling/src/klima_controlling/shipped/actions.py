"""Storing the indicators, targets and deliveries that come with the service; what is there already
stays."""

import csv
from datetime import date
from importlib.resources import files
from uuid import NAMESPACE_URL, uuid5

from klima_controlling.base.queries import Row
from klima_controlling.base.tables import metadata
from klima_controlling.deliveries import queries as deliveries
from klima_controlling.formulas.rules import parse
from klima_controlling.indicators import queries as indicators
from klima_controlling.indicators.model import Indicator
from klima_controlling.settings import Settings
from klima_controlling.targets import queries as targets
from klima_controlling.targets.model import Target
from klima_shared.codes.regions import canonical_ags
from klima_shared.database import audit
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.http.auth import Principal

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
        async with database.write() as connection:
            return {
                "indicators": await _indicators(connection, canonical_ags(settings.county)),
                "targets": await _targets(connection),
                "deliveries": await _deliveries(connection),
            }
    finally:
        await database.close()


async def _audit(
    connection: WriteConnection, entity: str, identity: object, region: str, after: Row
) -> None:
    await audit.record(
        connection,
        metadata,
        SHIPPED,
        action="load",
        entity=entity,
        entity_id=identity,
        region=region,
        after=after,
    )


async def _indicators(connection: WriteConnection, county: str) -> int:
    count = 0
    for one in shipped_indicators():
        if await indicators.add(connection, one):
            await _audit(connection, "indicator", one.code, county, indicators.row_of(one))
            count += 1
    return count


async def _targets(connection: WriteConnection) -> int:
    new = [one for one in shipped_targets() if not await targets.versions(connection, one.code)]
    for one in new:
        await targets.add(connection, one, SHIPPED.subject)
        after = targets.row_of(one, SHIPPED.subject)
        await _audit(connection, "target", one.code, one.region, after)
    return len(new)


async def _deliveries(connection: WriteConnection) -> int:
    count = 0
    for row in _rows("deliveries.csv"):
        values = {
            **row,
            "id": uuid5(NAMESPACE_URL, f"klimakreis:delivery:{row['region']}:{row['title']}"),
            "interval_months": int(row["interval_months"]),
            "first_due": date.fromisoformat(row["first_due"]),
            "most_months": int(row["most_months"]) if row["most_months"] else None,
            "created_by": SHIPPED.subject,
        }
        if await deliveries.add(connection, values):
            await _audit(connection, "data_delivery", values["id"], row["region"], values)
            count += 1
    return count
