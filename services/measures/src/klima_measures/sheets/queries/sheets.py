"""Queries on measures and their revisions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import may_read_drafts
from klima_measures.sheets.model.codes import Editorial, LinkKind
from klima_measures.sheets.tables import measure, measure_link, measure_revision, measure_transition
from klima_shared.codes.action import Phase
from klima_shared.http.auth import Principal
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Entity, Values
from klima_shared.wire.json import Json


@dataclass(frozen=True, slots=True)
class Head:
    """Where a measure stands; its content is in its revisions."""

    id: UUID
    concept: str
    number: str
    owner: str
    regions: list[str]
    revision: int
    editorial: Editorial
    phase: Phase
    created_at: datetime
    changed_at: datetime
    changed_by: str
    published_revision: int | None = None
    published_at: datetime | None = None
    published_by: str | None = None
    first_published_at: datetime | None = None

    @property
    def region(self) -> str:
        """Whose editors write."""
        return self.owner

    @property
    def public(self) -> bool:
        return self.published_revision is not None


def _readable(principal: Principal, head: Head) -> bool:
    return head.public or may_read_drafts(principal, head.owner, head.regions)


def no_measure(identity: UUID) -> Problem:
    return not_found(Text("There is no measure {identity}.", identity=identity))


MEASURE: Final = Entity("measure", measure, Head, no_measure, readable=_readable)


def publication(head: Head, by: str) -> Values:
    """The columns of a measure whose next revision is published with it."""
    now = func.clock_timestamp()
    return {
        "published_revision": head.revision + 1,
        "published_at": now,
        "published_by": by,
        "first_published_at": func.coalesce(measure.c.first_published_at, now),
    }


class Revision(NamedTuple):
    """One state a sheet was in. `document` is empty where it was not asked for."""

    measure_id: UUID
    revision: int
    phase: Phase
    editorial: Editorial
    action: str
    comment: str | None
    at: datetime
    by: str
    document: Json = MappingProxyType({})


class Transition(NamedTuple):
    """A move on the phase axis."""

    measure_id: UUID
    revision: int
    from_phase: Phase | None
    to_phase: Phase
    effective_on: date
    reason: str | None
    at: datetime
    by: str


_REVISION_HEAD = [measure_revision.c[name] for name in Revision._fields if name != "document"]
_REVISION = [*_REVISION_HEAD, measure_revision.c.document]


async def find_with_document(
    connection: AsyncConnection, identity: UUID, *, published: bool
) -> tuple[Head, Revision] | None:
    """(measure, revision with document): the published or the working one, in one query."""
    wanted = measure.c.published_revision if published else measure.c.revision
    query = (
        select(*MEASURE.columns, *(column.label(f"revision_{column.name}") for column in _REVISION))
        .join(measure_revision, measure_revision.c.measure_id == measure.c.id)
        .where(measure.c.id == identity, measure_revision.c.revision == wanted)
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    width = len(MEASURE.columns)
    return Head(*row[:width]), Revision(*row[width:])


async def by_number(
    connection: AsyncConnection, concept: str, numbers: Sequence[str], *, lock: bool = False
) -> dict[str, Head]:
    """Number -> measure, of one concept."""
    named = (measure.c.concept == concept) & measure.c.number.in_(numbers)
    query = select(*MEASURE.columns).where(named).order_by(measure.c.id)
    query = query.with_for_update() if lock else query
    found = await entities.all_rows(connection, query, Head)
    return {head.number: head for head in found}


async def regions_of(
    connection: AsyncConnection, identities: Collection[UUID], numbers: Collection[tuple[str, str]]
) -> set[str]:
    """Regions of the measures with these ids, or these concepts and numbers."""
    named = measure.c.id.in_(identities) | tuple_(measure.c.concept, measure.c.number).in_(numbers)
    rows = await connection.execute(select(func.unnest(measure.c.regions)).where(named))
    return set(rows.scalars())


async def is_taken(connection: AsyncConnection, concept: str, number: str, besides: UUID) -> bool:
    query = select(measure.c.id).where(
        measure.c.concept == concept, measure.c.number == number, measure.c.id != besides
    )
    return (await connection.execute(query)).first() is not None


async def add_revision(connection: AsyncConnection, revision: Revision) -> None:
    await connection.execute(insert(measure_revision).values(**revision._asdict()))


async def revision(connection: AsyncConnection, identity: UUID, number: int) -> Revision | None:
    query = select(*_REVISION).where(
        measure_revision.c.measure_id == identity, measure_revision.c.revision == number
    )
    row = (await connection.execute(query)).first()
    return Revision(*row) if row else None


class HistoryPage(NamedTuple):
    """Which revisions of a measure: newest first, before a number, changed since a moment."""

    limit: int
    before: int | None = None
    since: datetime | None = None


async def revisions(
    connection: AsyncConnection,
    identity: UUID,
    page: HistoryPage,
    *,
    published: bool,
    documents: bool = False,
) -> list[Revision]:
    """Newest first; `published` leaves only those that were published."""
    c = measure_revision.c
    query = select(*(_REVISION if documents else _REVISION_HEAD)).where(c.measure_id == identity)
    if published:
        query = query.where(c.action == "publish")
    if page.before is not None:
        query = query.where(c.revision < page.before)
    if page.since is not None:
        query = query.where(c.at >= page.since)
    rows = await connection.execute(query.order_by(c.revision.desc()).limit(page.limit))
    return [Revision(*row) for row in rows]


async def documents(
    connection: AsyncConnection, chosen: Sequence[tuple[UUID, int]]
) -> dict[UUID, Json]:
    """Measure -> document of the given revisions, in one query."""
    if not chosen:
        return {}
    ids, numbers = zip(*chosen, strict=True)
    wanted = select(
        func.unnest(text("cast(:ids as uuid[])").bindparams(ids=list(ids))).label("id"),
        func.unnest(text("cast(:numbers as int[])").bindparams(numbers=list(numbers))).label("n"),
    ).subquery()
    c = measure_revision.c
    query = select(c.measure_id, c.document).join(
        wanted, (c.measure_id == wanted.c.id) & (c.revision == wanted.c.n)
    )
    return {row.measure_id: row.document for row in await connection.execute(query)}


async def add_transition(connection: AsyncConnection, move: Transition) -> None:
    await connection.execute(insert(measure_transition).values(**move._asdict()))


async def transitions(
    connection: AsyncConnection, identity: UUID, *, up_to: int | None = None
) -> list[Transition]:
    """Moves on the phase axis, oldest first; `up_to` a revision."""
    c = measure_transition.c
    query = select(*(c[name] for name in Transition._fields)).where(c.measure_id == identity)
    if up_to is not None:
        query = query.where(c.revision <= up_to)
    return [Transition(*row) for row in await connection.execute(query.order_by(c.revision))]


_working_link = measure_link.c.audience == "internal"


async def edges(
    connection: AsyncConnection, kind: LinkKind, *, without: UUID
) -> dict[UUID, list[UUID]]:
    """Links of a kind between the working revisions of all measures but one. Waits for others who
    change links."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended('measures links', 0))")
    )
    query = select(measure_link.c.measure_id, measure_link.c.target_id).where(
        measure_link.c.kind == kind.value, _working_link, measure_link.c.measure_id != without
    )
    found: dict[UUID, list[UUID]] = {}
    for source, target in await connection.execute(query):
        found.setdefault(source, []).append(target)
    return found


async def is_superseded(connection: AsyncConnection, identity: UUID) -> bool:
    query = select(measure_link.c.measure_id).where(
        measure_link.c.kind == "supersedes", _working_link, measure_link.c.target_id == identity
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def left_without_successor(
    connection: AsyncConnection, identity: UUID, targets: Collection[UUID]
) -> list[Head]:
    """Those replaced measures among `targets` that nothing but `identity` supersedes."""
    if not targets:
        return []
    others = (
        select(measure_link.c.measure_id)
        .where(
            measure_link.c.kind == "supersedes",
            _working_link,
            measure_link.c.target_id == measure.c.id,
            measure_link.c.measure_id != identity,
        )
        .exists()
    )
    query = select(*MEASURE.columns).where(
        measure.c.id.in_(targets), measure.c.phase == Phase.REPLACED, ~others
    )
    return await entities.all_rows(connection, query.order_by(measure.c.number), Head)


async def linking(connection: AsyncConnection, identity: UUID) -> list[Head]:
    """The measures that link to this one, in their working or published revision; locked."""
    linked = select(measure_link.c.measure_id).where(measure_link.c.target_id == identity)
    query = select(*MEASURE.columns).where(measure.c.id.in_(linked)).order_by(measure.c.id)
    return await entities.all_rows(connection, query.with_for_update(), Head)


async def using(connection: AsyncConnection, identity: UUID) -> list[Head]:
    """The measures whose working or published sheet refers to an entry of a register."""
    text_id = str(identity)
    document = measure_revision.c.document
    query = (
        select(*MEASURE.columns)
        .join(measure_revision, measure_revision.c.measure_id == measure.c.id)
        .where(
            measure_revision.c.revision.in_([measure.c.revision, measure.c.published_revision]),
            document.contains({"strategy": text_id})
            | document.contains({"quarter": text_id})
            | document.contains({"funding": [{"programme": text_id}]}),
        )
        .distinct()
    )
    return await entities.all_rows(connection, query.order_by(measure.c.number), Head)
