"""Queries on scenarios: stored ones, and the built-in ones that every published balance brings with
it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    String,
    Text,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
    values,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance
from klima_balance.scenarios.tables import scenario
from klima_shared.revisions.entities import Entity
from klima_shared.revisions.model import Stamps
from klima_shared.revisions.visibility import lies_in
from klima_shared.wire.json import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScenario(Stamps):
    """An own scenario as it is stored; `document` and `results` once it is published."""

    id: UUID
    series: UUID
    version: int | None
    state: str
    region: str
    title: str
    description: str
    balance_id: UUID
    base_year: int
    horizon: int
    based_on: str | None
    definition: JsonObject
    edition: str
    document: bytes | None
    results: bytes | None
    created_at: datetime
    created_by: str
    published_at: datetime | None
    published_by: str | None


SCENARIOS = Entity(
    "scenario",
    scenario,
    StoredScenario,
    audit_columns=("title", "definition", "horizon", "revision"),
)


@dataclass(frozen=True)
class ScenarioFilter:
    """Which scenarios a list shows. `drafts_of`: regions whose drafts the caller may see."""

    kinds: Sequence[str]
    region: str | None = None
    drafts_of: Sequence[str] = ()
    state: str | None = None
    modified_since: datetime | None = None


def _built_in(edition: str, kinds: Sequence[str], region: str | None) -> Select[tuple[object, ...]]:
    """A row per kind for the newest complete balance of every region: newest year, its newest
    version."""
    newest = select(
        balance.c.region, balance.c.year, balance.c.version, balance.c.id, balance.c.published_at
    )
    newest = newest.where(balance.c.state == "published").ext(distinct_on(balance.c.region))
    newest = newest.order_by(
        balance.c.region, balance.c.provisional, balance.c.year.desc(), balance.c.version.desc()
    )
    if region is not None:
        newest = newest.where(balance.c.region == region)
    base = newest.subquery("newest")
    kind = values(sql_column("kind", String), name="kinds").data([(k,) for k in kinds])
    identity = func.concat(
        kind.c.kind,
        ".",
        base.c.region,
        ".",
        base.c.year,
        ".v",
        base.c.version,
        ".e",
        edition.replace(".", "-"),
    )
    return select(
        cast(identity, Text).label("id"),
        base.c.region,
        cast(kind.c.kind, Text).label("kind"),
        null().label("title"),
        literal("published").label("state"),
        base.c.version,
        null().label("based_on"),
        base.c.year.label("base_year"),
        literal(2045).label("horizon"),
        base.c.id.label("balance_id"),
        base.c.published_at.label("changed_at"),
        base.c.published_at,
    ).select_from(base.join(kind, text("true")))


def _stored(readable: ColumnElement[bool], region: str | None) -> Select[tuple[object, ...]]:
    query = select(
        cast(scenario.c.id, Text).label("id"),
        scenario.c.region,
        literal("own").label("kind"),
        scenario.c.title,
        scenario.c.state,
        scenario.c.version,
        scenario.c.based_on,
        scenario.c.base_year,
        scenario.c.horizon,
        scenario.c.balance_id,
        scenario.c.changed_at,
        scenario.c.published_at,
    ).where(readable)
    return query if region is None else query.where(scenario.c.region == region)


async def listing(
    connection: AsyncConnection,
    edition: str,
    wanted: ScenarioFilter,
    *,
    limit: int,
    after: Sequence[object] | None,
) -> Sequence[RowMapping]:
    """Heads by region and id."""
    readable = or_(scenario.c.state == "published", lies_in(scenario.c.region, wanted.drafts_of))
    parts = []
    if built_in := [k for k in wanted.kinds if k != "own"]:
        parts.append(_built_in(edition, built_in, wanted.region))
    if "own" in wanted.kinds:
        parts.append(_stored(readable, wanted.region))
    heads = union_all(*parts).subquery("scenarios")
    query = select(heads).order_by(heads.c.region, heads.c.id).limit(limit)
    if after:
        query = query.where(tuple_(heads.c.region, heads.c.id) > tuple_(*map(literal, after)))
    if wanted.state:
        query = query.where(heads.c.state == wanted.state)
    if wanted.modified_since:
        query = query.where(heads.c.changed_at >= wanted.modified_since)
    return (await connection.execute(query)).mappings().all()


async def next_version(connection: AsyncConnection, series: UUID) -> int:
    """The next version of a series; a lock keeps two publishers from taking the same."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"scenario {series}"},
    )
    query = select(func.max(scenario.c.version)).where(scenario.c.series == series)
    return ((await connection.execute(query)).scalar() or 0) + 1


async def version_of_base(connection: AsyncConnection, balance_id: UUID) -> int:
    """The version of the published balance a stored scenario was made on."""
    query = select(balance.c.version).where(balance.c.id == balance_id)
    return int((await connection.execute(query)).scalar_one())
