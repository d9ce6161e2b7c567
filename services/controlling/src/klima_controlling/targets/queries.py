"""Targets by version."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.model import Boundary, Direction, PathKind
from klima_controlling.base.queries import Key, Row, filtered
from klima_controlling.targets.model import Decision, Point, StoredTarget, Target
from klima_controlling.targets.tables import target as t
from klima_shared.language.text import Label
from klima_shared.revisions.entities import Entity, all_rows
from klima_shared.revisions.visibility import lies_in

TARGET: Final = Entity("target", t, StoredTarget, key=("code", "version"))
_MADE: Final = {"title", "boundary", "direction", "path", "base", "points", "decision"}
_PLAIN: Final = [field.name for field in fields(Target) if field.name not in _MADE]


def target_of(row: Row | StoredTarget) -> Target:
    """A target from a row, or from as many of its columns as are given."""
    row = asdict(row) if isinstance(row, StoredTarget) else row
    decision = row["decision"]
    if decision is not None:
        day = decision.get("decided_on")
        decision = Decision(**{**decision, "decided_on": date.fromisoformat(day) if day else None})
    return Target(
        **{name: row[name] for name in _PLAIN if name in row},
        title=Label(row["title_de"], row["title_en"]),
        boundary=Boundary(row["boundary"]),
        direction=Direction(row["direction"]),
        path=PathKind(row["path"]),
        base=Point(row["base_year"], row["base_value"]) if row["base_year"] is not None else None,
        points=tuple(Point(**point) for point in row["points"]),
        decision=decision,
    )


def row_of(target: Target) -> Row:
    decision = target.decision
    day = decision.decided_on.isoformat() if decision and decision.decided_on else None
    return {
        **{name: getattr(target, name) for name in _PLAIN},
        "title_de": target.title.de,
        "title_en": target.title.en,
        "boundary": target.boundary.value,
        "direction": target.direction.value,
        "path": target.path.value,
        "base_year": target.base.year if target.base else None,
        "base_value": target.base.value if target.base else None,
        "points": [asdict(point) for point in target.points],
        "decision": {**asdict(decision), "decided_on": day} if decision else None,
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
    region's organisations, the territorial ones of all regions in
    `inside`.
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
        wanted.append(lies_in(t.c.key, [inside]) & (t.c.boundary == Boundary.TERRITORY.value))
    query = (
        select(*TARGET.columns)
        .where(tuple_(t.c.code, t.c.version).in_(_NEWEST), or_(*wanted))
        .order_by(t.c.year, t.c.code)
    )
    return [target_of(row) for row in await all_rows(connection, query, StoredTarget)]


async def versions(connection: AsyncConnection, code: str, *, lock: bool = False) -> list[Target]:
    """Every version of a target, newest first."""
    query = select(*TARGET.columns).where(t.c.code == code).order_by(t.c.version.desc())
    query = query.with_for_update() if lock else query
    return [target_of(row) for row in await all_rows(connection, query, StoredTarget)]


@dataclass(frozen=True)
class TargetFilter:
    """Which targets are asked for; None: all. `key`: an AGS or an organisation."""

    key: str | None = None
    code: str | None = None
    boundary: Boundary | None = None
    all_versions: bool = False
    modified_since: datetime | None = None


async def listing(
    connection: AsyncConnection, wanted: TargetFilter, *, limit: int, after: Key = None
) -> list[StoredTarget]:
    """Rows by code and version, newest version first."""
    query = select(*TARGET.columns).order_by(t.c.code, t.c.version.desc()).limit(limit)
    if not wanted.all_versions:
        query = query.where(tuple_(t.c.code, t.c.version).in_(_NEWEST))
    boundary = wanted.boundary.value if wanted.boundary else None
    columns = {t.c.key: wanted.key, t.c.code: wanted.code, t.c.boundary: boundary}
    query = filtered(query, columns, (t.c.created_at, wanted.modified_since))
    if after is not None:
        query = query.where(
            or_(t.c.code > after[0], (t.c.code == after[0]) & (t.c.version < after[1]))
        )
    return await all_rows(connection, query, StoredTarget)
