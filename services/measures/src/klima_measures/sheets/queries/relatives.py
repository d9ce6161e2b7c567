"""Which measures a measure links to, and which link to it, as far as a reader sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import false, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.catalogue.queries.listing import Reader, status_on, visible
from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.tables import measure_link as link
from klima_measures.sheets.tables import measure_view as v


async def related(
    connection: AsyncConnection, identity: UUID, audience: Audience, reader: Reader, today: date
) -> list[dict[str, Any]]:
    """Rows (id, number, title, phase, status, kind, incoming) of both directions, in one query.

    `audience` chooses whose links count: those of the published revision or those of the working
    one.
    """
    columns = (
        v.c.measure_id.label("id"),
        v.c.number,
        v.c.title,
        v.c.phase,
        v.c.number_key,
        link.c.kind,
    )
    status = status_on(today).label("status")
    outgoing = (
        select(*columns, status, false().label("incoming"))
        .join(link, v.c.measure_id == link.c.target_id)
        .where(link.c.measure_id == identity, link.c.audience == audience.value, visible(reader))
    )
    incoming = (
        select(*columns, status, true().label("incoming"))
        .join(link, (v.c.measure_id == link.c.measure_id) & (v.c.audience == link.c.audience))
        .where(link.c.target_id == identity, visible(reader))
    )
    both = union_all(outgoing, incoming).subquery()
    query = select(both).order_by(both.c.kind, both.c.number_key, both.c.incoming)
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def related_to_many(
    connection: AsyncConnection, identities: Sequence[UUID], today: date
) -> dict[UUID, list[dict[str, Any]]]:
    """As `related` for the public, for many measures in one query: measure -> rows."""
    columns = (
        v.c.measure_id.label("id"),
        v.c.number,
        v.c.title,
        v.c.phase,
        v.c.number_key,
        link.c.kind,
    )
    status = status_on(today).label("status")
    public = (link.c.audience == "public") & (v.c.audience == "public")
    outgoing = (
        select(*columns, status, false().label("incoming"), link.c.measure_id.label("of"))
        .join(link, v.c.measure_id == link.c.target_id)
        .where(public, link.c.measure_id.in_(identities))
    )
    incoming = (
        select(*columns, status, true().label("incoming"), link.c.target_id.label("of"))
        .join(link, v.c.measure_id == link.c.measure_id)
        .where(public, link.c.target_id.in_(identities))
    )
    both = union_all(outgoing, incoming).subquery()
    query = select(both).order_by(both.c.kind, both.c.number_key, both.c.incoming)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["of"], []).append(dict(row))
    return found
