"""Which measures a measure links to, and which link to it, as far as a reader sees them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import PUBLIC, Reader
from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.queries.visibility import status_on, visible
from klima_measures.sheets.tables import measure_link as link
from klima_measures.sheets.tables import measure_view as v


class Related(NamedTuple):
    """Another measure: how it is linked, and whether it is the one that links."""

    id: UUID
    number: str
    title: str
    phase: str
    kind: str
    status: str
    incoming: bool


async def related(
    connection: AsyncConnection,
    identities: Collection[UUID],
    audience: Audience,
    reader: Reader = PUBLIC,
    *,
    today: date,
) -> dict[UUID, list[Related]]:
    """Measure -> related ones in both directions, of some measures in one query.

    `audience` chooses whose links count: those of the published revision or those of the working
    one.
    """
    columns = (v.c.measure_id, v.c.number, v.c.title, v.c.phase, link.c.kind)
    shown = (*columns, status_on(today).label("status"))

    def half(
        own: ColumnElement[UUID], incoming: ColumnElement[bool]
    ) -> Sequence[ColumnElement[Any]]:
        return (*shown, incoming.label("incoming"), own.label("of"), v.c.number_key)

    outgoing = (
        select(*half(link.c.measure_id, false()))
        .join(link, v.c.measure_id == link.c.target_id)
        .where(link.c.measure_id.in_(identities), link.c.audience == audience.value)
    )
    incoming = (
        select(*half(link.c.target_id, true()))
        .join(link, (v.c.measure_id == link.c.measure_id) & (v.c.audience == link.c.audience))
        .where(link.c.target_id.in_(identities))
    )
    both = union_all(outgoing.where(visible(reader)), incoming.where(visible(reader))).subquery()
    query = select(both).order_by(both.c.kind, both.c.number_key, both.c.incoming)
    found: dict[UUID, list[Related]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.of, []).append(Related(*row[: len(Related._fields)]))
    return found
