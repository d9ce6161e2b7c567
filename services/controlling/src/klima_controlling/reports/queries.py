"""Yearly reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.model import ReportState
from klima_controlling.base.queries import Key, Row, all_rows, filtered, newest_first
from klima_controlling.base.tables import metadata
from klima_controlling.reports.model import Report
from klima_controlling.reports.tables import report as r
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Entity
from klima_shared.revisions.visibility import lies_in


def no_report(*_: object) -> Problem:
    return not_found(Text("There is no such report."))


REPORT: Final = Entity(
    "report",
    r,
    Report,
    no_report,
    audit_columns=("state", "version", "digest", "revision", "reason", "title"),
)
UNIQUE: Final = ("region", "year", "version")

_HEAD = [c for c in r.c if c.name not in {"content", "used", "narrative", "decisions"}]


async def authors(connection: AsyncConnection, identity: UUID) -> set[str]:
    """Who composed a draft or changed its words."""
    audit = metadata.tables[f"{metadata.schema}.audit"]
    mine = (audit.c.entity == REPORT.name) & (audit.c.entity_id == str(identity))
    wrote = audit.c.action.in_(("compose", "change"))
    return {*(await connection.execute(select(audit.c.subject).where(mine, wrote))).scalars()}


@dataclass(frozen=True)
class ReportFilter:
    """Which reports are asked for; None: all. `drafts_of`: regions whose drafts are shown beside
    what is published."""

    region: str | None = None
    year: int | None = None
    drafts_of: Sequence[str] = ()
    modified_since: datetime | None = None


async def listing(
    connection: AsyncConnection, wanted: ReportFilter, *, limit: int, after: Key
) -> list[Row]:
    """Newest first."""
    shown = or_(r.c.state == ReportState.PUBLISHED.value, lies_in(r.c.region, wanted.drafts_of))
    columns = {r.c.region: wanted.region, r.c.year: wanted.year}
    query = select(*_HEAD).where(shown).limit(limit)
    query = filtered(query, columns, (r.c.changed_at, wanted.modified_since))
    return await all_rows(connection, newest_first(r, query, after))


async def latest_version(connection: AsyncConnection, region: str, year: int) -> int:
    query = select(func.max(r.c.version)).where(r.c.region == region, r.c.year == year)
    return (await connection.execute(query)).scalar() or 0
