"""What every request pays: no thread for a dependency that computes nothing, no connection opened
for each use."""

import gc
from inspect import iscoroutinefunction
from typing import Any, get_args

import anyio
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from klima_measures.migrations import config as migrations
from klima_shared.database import connections as database_module
from klima_shared.database.connections import Database, service_metadata
from klima_shared.formats import RequestedFormat
from klima_shared.http.auth import Caller, Editor
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Idempotency
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Paging
from klima_shared.service import server
from klima_shared.service.settings import ServiceSettings


@pytest.mark.parametrize(
    "declared",
    [Caller, Editor, RequiredIfMatch, RequestedFormat, RequestLanguage, Idempotency, Paging],
)
def test_dependencies_stay_on_the_event_loop(declared: Any) -> None:
    """FastAPI sends a plain function to a worker thread, which takes longer than what these do."""
    assert iscoroutinefunction(get_args(declared)[1].dependency)


async def test_the_pool_keeps_what_it_opened() -> None:
    settings = ServiceSettings(
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none", database_pool_size=3
    )
    database = Database(settings, service_metadata("test"))
    for engine in (database.engine, database.read_engine):
        assert engine.pool.size() == 3  # type: ignore[attr-defined]
        assert engine.pool._max_overflow == 0  # type: ignore[attr-defined]
    await database.close()


def _settings(database: Any) -> ServiceSettings:
    return ServiceSettings(database_url=database.url, database_pool_size=1)


async def test_a_connection_that_died_while_it_rested_is_replaced(
    service_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "REST_SECONDS", 0.0)
    found = service_database("measures")
    database = Database(_settings(found), service_metadata("measures"))
    async with database.read() as connection:
        first = (await connection.execute(text("select pg_backend_pid()"))).scalar_one()
    with psycopg.connect(found.owner_url, autocommit=True) as owner:
        owner.execute("select pg_terminate_backend(%s, 5000)", (first,))
    async with database.read() as connection:
        assert (await connection.execute(text("select pg_backend_pid()"))).scalar_one() != first
    await database.close()


async def test_connections_are_given_in_the_order_in_which_they_are_asked_for(
    service_database: Any,
) -> None:
    database = Database(_settings(service_database("measures")), service_metadata("measures"))
    order: list[int] = []

    async def use(number: int) -> None:
        await anyio.sleep(number * 0.02)
        for turn in range(3):
            async with database.write() as connection:
                await connection.execute(text("select pg_sleep(0.15)"))
                order.append(turn)

    async with anyio.create_task_group() as group:
        for number in range(4):
            group.start_soon(use, number)
    assert order == sorted(order)
    await database.close()


async def test_a_single_statement_stands_alone(service_database: Any) -> None:
    """Committed at once, undone as a whole when it fails, and the connection is an ordinary one
    afterwards."""
    database = Database(_settings(service_database("measures")), service_metadata("measures"))
    add = text(
        "insert into measures.audit (subject, action, entity, entity_id) values ('s', 'probe', 'e',"
        " 1 / :n)"
    )
    count = text("select count(*) from measures.audit where action = 'probe'")

    async def added(how: str, *numbers: int) -> None:
        async with getattr(database, how)() as connection:
            for n in numbers:
                await connection.execute(add, {"n": n})

    writes = database.writes
    with pytest.raises(DBAPIError, match="division by zero"):
        await added("single", 1, 0)
    assert database.writes > writes
    with pytest.raises(DBAPIError, match="division by zero"):
        await added("write", 1, 0)
    async with database.write() as connection:
        assert (await connection.execute(count)).scalar_one() == 1
        await connection.execute(text("delete from measures.audit where action = 'probe'"))
    await database.close()


async def test_who_waits_too_long_for_a_connection_is_told(service_database: Any) -> None:
    settings = _settings(service_database("measures")).model_copy(
        update={"database_wait_seconds": 0.1}
    )
    database = Database(settings, service_metadata("measures"))
    async with database.write():
        with pytest.raises(PoolTimeoutError):
            async with database.write():
                pytest.fail("there is one connection only")
    async with database.write() as connection:  # the turn was given back
        await connection.execute(text("select 1"))
    await database.close()


@pytest.mark.parametrize("how", ["read", "write"])
async def test_a_request_that_is_cut_off_has_given_its_connection_back(
    service_database: Any, how: str
) -> None:
    """Back in the pool when the block is left, not some time later: the next one's turn has begun
    by then."""
    database = Database(_settings(service_database("measures")), service_metadata("measures"))
    with anyio.move_on_after(0.1) as scope:
        async with getattr(database, how)() as connection:
            await connection.execute(text("select pg_sleep(20)"))
    assert scope.cancelled_caught
    for engine in database.engines:
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    async with database.read() as connection:
        assert (await connection.execute(text("select 1"))).scalar_one() == 1
    await database.close()


@pytest.mark.parametrize(("environment", "settled"), [("local", True), ("test", False)])
async def test_a_service_settles_its_memory_once_it_has_started(
    environment: str, settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full collection over all of an application's objects would stop every request."""
    monkeypatch.setattr(server, "configure_logging", lambda *_: None)
    settings = ServiceSettings(
        environment=environment, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none"
    )  # type: ignore[arg-type]
    metadata = service_metadata("measures")
    app = server.create_service(
        "probe",
        "Probe",
        "Probe",
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        routers=[],
    )
    before, thresholds = gc.get_freeze_count(), gc.get_threshold()
    async with app.router.lifespan_context(app):
        assert (gc.get_freeze_count() > before) is settled
    gc.unfreeze()
    gc.set_threshold(*thresholds)
