"""Queries behind the calendar, the news and the exports: published things only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.community.rules.calendar import KEPT, Entry
from klima_measures.community.tables import event, meeting, press_item
from klima_measures.participation.model import WorkshopState
from klima_measures.participation.tables import idea, idea_measure, workshop
from klima_measures.records.queries import in_region
from klima_measures.sheets.tables import measure_view

MAX_ENTRIES = 1000
MAX_NEWS = 50


async def entries(connection: AsyncConnection, prefix: str | None, now: datetime) -> list[Entry]:
    """Events, workshops and published meetings, of a region or of all."""
    found: list[Entry] = []
    for table, category in (
        (event, "Veranstaltung"),
        (workshop, "Klimawerkstatt"),
        (meeting, "Sitzung"),
    ):
        where: list[ColumnElement[bool]] = [table.c.published, table.c.starts_at >= now - KEPT]
        if prefix is not None:
            where.append(in_region(table, prefix))
        query = (
            select(table).where(*where).order_by(table.c.starts_at, table.c.id).limit(MAX_ENTRIES)
        )
        found += [_entry(row, category) for row in (await connection.execute(query)).mappings()]
    return found


def _entry(row: Any, category: str) -> Entry:
    document = row["document"]
    return Entry(
        identity=row["id"],
        title=document["title"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        place=document["place"],
        text=document.get("description")
        or document.get("summary")
        or "; ".join(document.get("agenda", [])),
        url=document.get("url"),
        category=category,
        cancelled=bool(document.get("cancelled"))
        or row.get("state") == WorkshopState.CANCELLED.value,
        sequence=row["revision"] - 1,
        changed_at=row["changed_at"],
    )


async def news(connection: AsyncConnection, prefix: str | None) -> Sequence[Any]:
    """Press items that are out, newest first."""
    where: list[ColumnElement[bool]] = [
        press_item.c.published,
        press_item.c.published_at <= func.now(),
    ]
    if prefix is not None:
        where.append(in_region(press_item, prefix))
    order = (press_item.c.published_at.desc(), press_item.c.id)
    return (
        (
            await connection.execute(
                select(press_item).where(*where).order_by(*order).limit(MAX_NEWS)
            )
        )
        .mappings()
        .all()
    )


async def published_measures(connection: AsyncConnection, prefix: str | None) -> Sequence[Any]:
    """Published measures with the references of the accepted ideas that became part of them."""
    view = measure_view
    references = (
        select(func.string_agg(idea.c.reference, ", "))
        .join(idea_measure, idea_measure.c.idea_id == idea.c.id)
        .where(idea_measure.c.measure_id == view.c.measure_id, idea.c.moderation == "accepted")
        .scalar_subquery()
    )
    query = select(view, references.label("ideas")).where(view.c.audience == "public")
    if prefix is not None:
        one = func.unnest(view.c.regions).column_valued("one")
        query = query.where(select(one).where(func.starts_with(one, prefix)).exists())
    query = query.order_by(view.c.field_rank, view.c.number_key, view.c.measure_id)
    return (await connection.execute(query)).mappings().all()
