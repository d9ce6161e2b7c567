"""The kit for things with revisions, on a table of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ARRAY, Column, Integer, MetaData, Table, Text, Uuid, cast, func, select
from sqlalchemy.exc import StatementError

from klima_shared.codes.access import Role
from klima_shared.codes.labelled import Labelled
from klima_shared.codes.regions import covers
from klima_shared.database.connections import Database, refuse_in_transaction, service_metadata
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import Problem
from klima_shared.revisions import entities, writing
from klima_shared.revisions.entities import Entity, Order
from klima_shared.revisions.model import Stamps
from klima_shared.revisions.tables import Code, stamps
from klima_shared.revisions.visibility import lies_in
from klima_shared.revisions.writing import Writer
from klima_shared.service.settings import ServiceSettings
from tests.fixtures.databases import DatabaseFactory

EDITOR = Principal(
    subject="anna", roles=frozenset({Role.VIEWER, Role.EDITOR}), regions=("05974040",)
)


class State(Labelled):
    OPEN = "open", "offen", "open"
    DONE = "done", "erledigt", "done"


METADATA: MetaData = service_metadata("measures")
thing = Table(
    "kit_thing",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, nullable=False),
    Column("title", Text, nullable=False, unique=True),
    Column("state", Code(State), nullable=False),
    Column("revision", Integer, nullable=False),
    *stamps(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Stamps):
    id: UUID
    region: str
    title: str
    state: State


THING = Entity("thing", thing, Thing)


def new(title: str, region: str = "05974040") -> dict[str, object]:
    return {"id": uuid4(), "region": region, "title": title, "state": State.OPEN, "revision": 1}


@pytest.fixture
async def database(fresh_database: DatabaseFactory) -> AsyncIterator[Database]:
    address = fresh_database("measures")
    owner = Database(ServiceSettings(database_url=address.owner_url), METADATA)
    async with owner.write() as connection:
        await connection.run_sync(thing.create)
    yield owner
    await owner.close()


async def test_a_row_is_created_changed_and_removed_with_its_trail(database: Database) -> None:
    async with database.write() as connection:
        writer = Writer(connection, EDITOR, METADATA)
        first = await writing.create(writer, THING, new("Rad"))
        assert (first.revision, first.state, first.changed_by) == (1, State.OPEN, "anna")
        changing = Writer(connection, EDITOR, METADATA, IfMatch(THING.etag(first)))
        opened = await writing.opened(changing, THING, first.id)
        second = await writing.change(changing, THING, opened, {"state": State.DONE})
        assert (second.revision, second.state) == (2, State.DONE)
        with pytest.raises(Problem) as stale:
            await writing.opened(changing, THING, first.id)
        assert stale.value.status == 412
        await writing.remove(writer, THING, second)
        audit = METADATA.tables["measures.audit"]
        steps = await connection.execute(audit.select().order_by(audit.c.id))
        trail = [(row.action, row.before, row.after) for row in steps if row.entity == "thing"]
    assert [action for action, *_ in trail] == ["create", "change", "delete"]
    assert [after and after["state"] for *_, after in trail] == ["open", "done", None]


async def test_nobody_writes_in_another_region_or_what_is_not_there(database: Database) -> None:
    async with database.write() as connection:
        writer = Writer(connection, EDITOR, METADATA)
        row = await entities.insert(
            connection, THING, {**new("Fern", "05974028"), "changed_by": "otto"}
        )
        for identity, status in ((row.id, 403), (uuid4(), 404)):
            with pytest.raises(Problem) as refused:
                await writing.opened(writer, THING, identity)
            assert refused.value.status == status


async def test_lists_go_on_behind_a_key_in_both_directions(database: Database) -> None:
    async with database.write() as connection:
        for title in "abcd":
            await entities.insert(connection, THING, {**new(title), "changed_by": "anna"})
        taken = await entities.insert_unless_there(
            connection, THING, {**new("a"), "changed_by": "anna"}
        )
        assert taken is None
        up, down = Order(["title", "id"]), Order(["title", "id"], descending=True)
        for order, titles in ((up, "abcd"), (down, "dcba")):
            first = await entities.listing(connection, THING, order=order, limit=2)
            last = [first[-1].title, first[-1].id]
            rest = await entities.listing(connection, THING, order=order, after=last)
            assert "".join(row.title for row in [*first, *rest]) == titles


async def test_a_word_outside_the_list_is_no_code(database: Database) -> None:
    values = {**new("Rad"), "state": "lost", "changed_by": "anna"}
    async with database.read() as connection:
        with pytest.raises(StatementError):
            await entities.insert(connection, THING, values)


@pytest.mark.parametrize("connected", ["write", "single"])
async def test_nobody_asks_another_service_while_holding_what_writes(
    database: Database, connected: str
) -> None:
    refuse_in_transaction("GET /v1/regions")
    async with getattr(database, connected)():
        with pytest.raises(RuntimeError, match="GET /v1/regions"):
            refuse_in_transaction("GET /v1/regions")
    refuse_in_transaction("GET /v1/regions")


async def test_sql_and_python_agree_on_what_lies_in_a_region(database: Database) -> None:
    keys = ["DG000000", "05000000", "05970000", "05974000", "05974040", "05911000", "11000000"]
    async with database.read() as connection:
        for outer in keys:
            one = func.unnest(cast(keys, ARRAY(Text))).column_valued("one")
            query = select(one).where(lies_in(one, [outer]))
            inside = set((await connection.execute(query)).scalars())
            assert inside == {inner for inner in keys if covers(outer, inner)}, outer
            assert outer in inside
