"""Targets by version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.codes import Boundary, Direction, PathKind
from klima_controlling.rows import Row, all_rows
from klima_controlling.tables import target as t
from klima_controlling.targets.model import Decision, Target
from klima_controlling.targets.rules import Point
from klima_shared.language.text import Text


def of_row(row: Mapping[str, Any]) -> Target:
    decision = row["decision"]
    if decision is not None:
        day = decision.get("decided_on")
        decision = Decision(**{**decision, "decided_on": date.fromisoformat(day) if day else None})
    return Target(
        code=row["code"],
        version=row["version"],
        title=Text(row["title_de"], row["title_en"]),
        boundary=Boundary(row["boundary"]),
        key=row["key"],
        region=row["region"],
        metric=row["metric"],
        unit=row["unit"],
        direction=Direction(row["direction"]),
        year=row["year"],
        value=row["value"],
        path=PathKind(row["path"]),
        base=Point(row["base_year"], row["base_value"]) if row["base_year"] is not None else None,
        points=tuple(Point(p["year"], p["value"]) for p in row["points"]),
        base_reduction=row["base_reduction"],
        budget_t_co2e=row["budget_t_co2e"],
        tolerance_percent=row["tolerance_percent"],
        decision=decision,
        source=row["source"],
        headline=row["headline"],
        applies_below=row["applies_below"],
        valid_from=row["valid_from"],
    )


def row_of(target: Target, subject: str) -> dict[str, Any]:
    decision = target.decision
    return {
        "code": target.code,
        "version": target.version,
        "title_de": target.title.de,
        "title_en": target.title.en,
        "boundary": target.boundary.value,
        "key": target.key,
        "region": target.region,
        "metric": target.metric,
        "unit": target.unit,
        "direction": target.direction.value,
        "year": target.year,
        "value": target.value,
        "path": target.path.value,
        "base_year": target.base.year if target.base else None,
        "base_value": target.base.value if target.base else None,
        "points": [{"year": p.year, "value": p.value} for p in target.points],
        "base_reduction": target.base_reduction,
        "budget_t_co2e": target.budget_t_co2e,
        "tolerance_percent": target.tolerance_percent,
        "decision": {
            **decision.__dict__,
            "decided_on": decision.decided_on.isoformat() if decision.decided_on else None,
        }
        if decision
        else None,
        "source": target.source,
        "headline": target.headline,
        "applies_below": target.applies_below,
        "valid_from": target.valid_from,
        "created_by": subject,
    }


_NEWEST = select(t.c.code, func.max(t.c.version)).group_by(t.c.code)


async def current(
    connection: AsyncConnection,
    *,
    key: str | None = None,
    below: str | None = None,
    organisations_of: str | None = None,
    inside: str | None = None,
) -> list[Target]:
    """Newest versions: those of `key`, those of `below` that apply to its parts, those of a
    region's organisations, those of all keys that begin with `inside`.
    """
    wanted = []
    if key is not None:
        wanted.append(t.c.key == key)
    if below is not None:
        wanted.append((t.c.key == below) & t.c.applies_below)
    if organisations_of is not None:
        wanted.append(
            (t.c.region == organisations_of) & (t.c.boundary == Boundary.ORGANISATION.value)
        )
    if inside is not None:
        wanted.append(t.c.key.startswith(inside, autoescape=True))
    query = (
        select(t)
        .where(tuple_(t.c.code, t.c.version).in_(_NEWEST), or_(*wanted))
        .order_by(t.c.year, t.c.code)
    )
    return [of_row(row) for row in await all_rows(connection, query)]


async def versions(connection: AsyncConnection, code: str, *, lock: bool = False) -> list[Target]:
    """Every version of a target, newest first."""
    query = select(t).where(t.c.code == code).order_by(t.c.version.desc())
    return [
        of_row(row)
        for row in await all_rows(connection, query.with_for_update() if lock else query)
    ]


async def listing(
    connection: AsyncConnection,
    *,
    limit: int,
    after: Sequence[Any] | None,
    key: str | None,
    code: str | None,
    boundary: str | None,
    all_versions: bool,
    modified_since: Any = None,
) -> list[Row]:
    """Rows by code and version, newest version first."""
    query = select(t).order_by(t.c.code, t.c.version.desc()).limit(limit)
    if not all_versions:
        query = query.where(tuple_(t.c.code, t.c.version).in_(_NEWEST))
    for column, value in ((t.c.key, key), (t.c.code, code), (t.c.boundary, boundary)):
        if value is not None:
            query = query.where(column == value)
    if modified_since is not None:
        query = query.where(t.c.created_at >= modified_since)
    if after is not None:
        query = query.where(
            or_(t.c.code > after[0], (t.c.code == after[0]) & (t.c.version < after[1]))
        )
    return await all_rows(connection, query)


async def add(connection: AsyncConnection, target: Target, subject: str) -> None:
    await connection.execute(insert(t).values(row_of(target, subject)))
