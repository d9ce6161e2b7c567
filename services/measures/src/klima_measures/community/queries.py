"""Queries of community work beside those of its records: members of networks, the calendar, the
news, the export for Decidim."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.community.model.codes import ActorKind
from klima_measures.community.model.feeds import Entry, NewsItem, PublishedMeasure
from klima_measures.community.tables import actor, event, meeting, network_member, press_item
from klima_measures.participation.model.codes import WorkshopState
from klima_measures.participation.tables import idea, idea_measure, workshop
from klima_measures.sheets.tables import measure_view
from klima_shared.codes.action import Phase
from klima_shared.revisions.visibility import in_region, lies_in

DAYS_IN_CALENDAR: Final = timedelta(days=366)
"""How long a date that has passed stays in the calendar."""
MAX_ENTRIES: Final = 1000
MAX_NEWS: Final = 50


class Member(NamedTuple):
    """An actor in a network."""

    network: UUID
    role: str | None
    actor: UUID
    name: str
    kind: ActorKind
    published: bool
    region: str


async def members(
    connection: AsyncConnection, networks: Sequence[UUID]
) -> dict[UUID, list[Member]]:
    """Network -> its members in the order of the alphabet."""
    query = (
        select(
            network_member.c.network_id,
            network_member.c.role,
            actor.c.id,
            actor.c.document["name"].astext,
            actor.c.kind,
            actor.c.published,
            actor.c.region,
        )
        .join(actor, actor.c.id == network_member.c.actor_id)
        .where(network_member.c.network_id.in_(networks))
        .order_by(actor.c.sort_key, actor.c.id)
    )
    of_network: dict[UUID, list[Member]] = {}
    for row in await connection.execute(query):
        of_network.setdefault(row[0], []).append(Member(*row))
    return of_network


async def set_members(
    connection: AsyncConnection, network: UUID, roles: Mapping[UUID, str | None]
) -> None:
    await connection.execute(delete(network_member).where(network_member.c.network_id == network))
    if roles:
        rows = [
            {"network_id": network, "actor_id": identity, "role": role}
            for identity, role in roles.items()
        ]
        await connection.execute(insert(network_member), rows)


async def calendar(connection: AsyncConnection, region: str | None, now: datetime) -> list[Entry]:
    """Public events, workshops and meetings, of a region or of all, that are to come or have not
    long passed, by time."""
    oldest = now - DAYS_IN_CALENDAR
    entries: list[Entry] = []
    for table, category in (
        (event, "Veranstaltung"),
        (workshop, "Klimawerkstatt"),
        (meeting, "Sitzung"),
    ):
        query = select(table).where(table.c.published, table.c.starts_at >= oldest)
        if region is not None:
            query = query.where(in_region(table, region))
        query = query.order_by(table.c.starts_at, table.c.id).limit(MAX_ENTRIES)
        rows = (await connection.execute(query)).mappings()
        entries += [_entry(row, category) for row in rows]
    return sorted(entries, key=lambda entry: (entry.starts_at, str(entry.identity)))


def _entry(row: RowMapping, category: str) -> Entry:
    document = row["document"]
    agenda = "; ".join(document.get("agenda", []))
    return Entry(
        identity=row["id"],
        title=document["title"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        place=document["place"],
        text=document.get("description") or document.get("summary") or agenda,
        url=document.get("url"),
        category=category,
        cancelled=document.get("cancelled", False) or row.get("state") == WorkshopState.CANCELLED,
        sequence=row["revision"] - 1,
        changed_at=row["changed_at"],
    )


async def news(connection: AsyncConnection, region: str | None) -> list[NewsItem]:
    """Press items that are out, of a region or of all, newest first."""
    t = press_item.c
    query = (
        select(
            t.id,
            t.document["title"].astext,
            t.document["text"].astext,
            t.document["url"].astext,
            t.published_at,
            t.changed_at,
        )
        .where(t.published, t.published_at <= func.now())
        .order_by(t.published_at.desc(), t.id)
        .limit(MAX_NEWS)
    )
    if region is not None:
        query = query.where(in_region(press_item, region))
    return [NewsItem(*row) for row in await connection.execute(query)]


async def published_measures(
    connection: AsyncConnection, region: str | None
) -> list[PublishedMeasure]:
    view = measure_view.c
    references = (
        select(func.string_agg(idea.c.reference, ", "))
        .join(idea_measure, idea_measure.c.idea_id == idea.c.id)
        .where(idea_measure.c.measure_id == view.measure_id, idea.c.moderation == "accepted")
        .scalar_subquery()
    )
    columns = (
        view.measure_id,
        *(measure_view.c[name] for name in PublishedMeasure._fields[1:-1]),
        references,
    )
    query = select(*columns).where(view.audience == "public")
    if region is not None:
        one = func.unnest(view.regions).column_valued("one")
        query = query.where(select(one).where(lies_in(one, [region])).exists())
    query = query.order_by(view.field_rank, view.number_key, view.measure_id)
    rows = await connection.execute(query)
    return [PublishedMeasure(*row)._replace(phase=Phase(row.phase)) for row in rows]
