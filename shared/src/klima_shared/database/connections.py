"""The database of a service: one engine, read and write connections as types, and the technical
tables.

A route declares `Read` or `Write`. The transaction belongs to the framework: it is committed after
the route returned and before the answer is sent, or rolled back when anything was raised. Helpers
never commit. A route that stores with one statement may take `Database.single` instead.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Annotated, Any, NamedTuple, NewType, cast

import anyio
import sqlalchemy as sa
from fastapi import Depends, Request
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from klima_shared.service.settings import ServiceSettings

REST_SECONDS = 2.0
READ_LOCK_SECONDS = 1.0
# Whether this task holds a connection to write. A context variable set by an async generator
# (the dependency `Write`) is seen by the route that the generator serves, and by its child tasks.
_writing: ContextVar[bool] = ContextVar("writing", default=False)

ReadConnection = NewType("ReadConnection", AsyncConnection)
WriteConnection = NewType("WriteConnection", AsyncConnection)
SingleConnection = NewType("SingleConnection", AsyncConnection)

# Names by rule, so that migrations can drop what they made.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def service_metadata(schema: str) -> sa.MetaData:
    """Metadata of one service: its schema, named constraints, and the tables every service has
    (audit, idempotency).

    The schema is written out in every statement, so that nothing depends on a search path (which a
    pooler may lose).
    """
    metadata = sa.MetaData(schema=schema, naming_convention=NAMING)
    sa.Table(
        "audit",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("before", JSONB(none_as_null=True)),
        sa.Column("after", JSONB(none_as_null=True)),
        sa.Column("request_id", sa.Text),
        sa.Index(None, "entity", "entity_id"),
        comment="who wrote what when; a row in the same transaction as the write",
    )
    sa.Table(
        "idempotency_key",
        metadata,
        sa.Column("scope", sa.Text, primary_key=True, comment="who and which operation"),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column(
            "fingerprint", sa.Text, nullable=False, comment="digest of the request's content"
        ),
        sa.Column("status", sa.Integer),
        sa.Column("headers", JSONB),
        sa.Column("body", sa.LargeBinary),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
            index=True,
        ),
        comment="the first answer to a creating request, given again when it is repeated",
    )
    return metadata


class Database:
    """The engines of a running service; made by the composition root, closed with it.

    Reads and writes have pools of their own: whoever waits for a lock holds up nobody who reads
    something else. Readiness has a connection of its own, whatever the pools are busy with.
    `requests`: nothing may take longer than the settings allow; a job may.
    """

    def __init__(
        self, settings: ServiceSettings, metadata: sa.MetaData, *, requests: bool = False
    ) -> None:
        self.metadata = metadata
        self.schema = cast("str", metadata.schema)
        # transactions of this process that were committed: what is remembered of before is old
        self.writes = 0
        self._wait_seconds = settings.database_wait_seconds
        connect: dict[str, object] = {
            "connect_timeout": max(2, round(self._wait_seconds / 2)),  # libpq's least is two
            "application_name": f"klima-{self.schema}",
        }
        if not settings.database_prepare:
            connect["prepare_threshold"] = None
        options: dict[str, object] = {
            # No overflow: such connections are closed after every use, and opening one costs more
            # than most queries.
            "pool_size": settings.database_pool_size,
            "max_overflow": 0,
            "pool_timeout": self._wait_seconds,
            "connect_args": connect,
        }
        lock = settings.database_lock_seconds
        limits = _Limits(
            settings.database_statement_seconds, lock, session=settings.database_prepare
        )
        # A reader waits only for somebody who changes the table itself.
        brief = limits._replace(lock=min(lock, READ_LOCK_SECONDS))
        self._limits = (limits, brief) if requests else (None, None)

        def engine(url: str, limited: _Limits | None, size: int) -> AsyncEngine:
            more = limited.session_options() if limited else {}
            own = {**options, "pool_size": size, "connect_args": {**connect, **more}}
            made = create_async_engine(url, **own)
            _ping_after_rest(made)
            return made

        write, read = self._limits
        size = settings.database_pool_size
        self.engine: AsyncEngine = engine(settings.database_url, write, size)
        self.read_engine = engine(settings.database_read_url or settings.database_url, read, size)
        self._probe_engine = engine(settings.database_url, read, 1)
        self.engines = (self.engine, self.read_engine, self._probe_engine)
        # First come, first served: the pool itself gives a returned connection to whoever asks at
        # that moment.
        self._gates = {
            self.engine: anyio.Semaphore(size),
            self.read_engine: anyio.Semaphore(size),
            self._probe_engine: anyio.Semaphore(1),
        }

    @asynccontextmanager
    async def _turn(self, engine: AsyncEngine) -> AsyncIterator[None]:
        """Wait for one of the pool's connections to be free; 503 when that takes too long."""
        gate = self._gates[engine]
        with anyio.move_on_after(self._wait_seconds) as scope:
            await gate.acquire()
        if scope.cancelled_caught:
            raise PoolTimeoutError("no connection became free")
        try:
            yield
        finally:
            gate.release()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadConnection]:
        """A connection that can't write (the server refuses)."""
        async with self._reading(self.read_engine) as connection:
            yield connection

    @asynccontextmanager
    async def probe(self) -> AsyncIterator[ReadConnection]:
        """The connection of readiness."""
        async with self._reading(self._probe_engine) as connection:
            yield connection

    @asynccontextmanager
    async def _reading(self, engine: AsyncEngine) -> AsyncIterator[ReadConnection]:
        async with self._turn(engine), engine.connect() as connection:
            await connection.execution_options(postgresql_readonly=True)
            await _limit(connection, self._limits[1])
            yield ReadConnection(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteConnection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        async with self._turn(self.engine), self.engine.begin() as connection:
            await _limit(connection, self._limits[0])
            _writing.set(True)
            try:
                yield WriteConnection(connection)
            finally:
                _writing.set(False)
        self.writes += 1

    @asynccontextmanager
    async def single(self) -> AsyncIterator[SingleConnection]:
        """Every statement is a transaction of its own: for what is one statement, and done very
        often."""
        async with self._turn(self.engine), self.engine.connect() as connection:
            _writing.set(True)
            try:
                yield SingleConnection(
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                )
            finally:
                _writing.set(False)
                self.writes += 1

    async def close(self) -> None:
        for engine in self.engines:
            await engine.dispose()


class _Limits(NamedTuple):
    """Seconds a statement and its wait for a lock may take. `session`: the connection is ours for
    its whole life, and keeps them; behind a pooler they are said in every transaction."""

    statement: float
    lock: float
    session: bool

    def session_options(self) -> dict[str, object]:
        statement, lock = round(self.statement * 1000), round(self.lock * 1000)
        words = f"-c statement_timeout={statement} -c lock_timeout={lock}"
        return {"options": words} if self.session else {}


async def _limit(connection: AsyncConnection, limits: _Limits | None) -> None:
    if limits is not None and not limits.session:
        said = {"statement": f"{limits.statement:.3f}s", "lock": f"{limits.lock:.3f}s"}
        await connection.execute(_LIMIT, said)


_LIMIT = sa.text(
    "select set_config('statement_timeout', :statement, true),"
    " set_config('lock_timeout', :lock, true)"
)


def refuse_in_transaction(call: str) -> None:
    """Raise `RuntimeError` while a connection to write is held: nobody may wait for a lock, or for
    a place in the pool, that waits for another service. What an action needs of others is asked
    before its connection is opened."""
    if _writing.get():
        raise RuntimeError(f"{call} was asked inside a write transaction")


def _ping_after_rest(engine: AsyncEngine) -> None:
    """Look whether a connection still lives when it has rested for a while, and take another one
    when it does not.

    Asking before every use (`pool_pre_ping`) costs as much as a query; one that was used a moment
    ago lives.
    """

    def used(_connection: object, record: ConnectionPoolEntry, *_: object) -> None:
        record.info["used_at"] = time.monotonic()

    def check(connection: Any, record: ConnectionPoolEntry, *_: object) -> None:
        if time.monotonic() - record.info["used_at"] < REST_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError("the connection died while it rested") from error

    sa.event.listen(engine.sync_engine, "connect", used)
    sa.event.listen(engine.sync_engine, "checkout", check)
    sa.event.listen(engine.sync_engine, "checkin", used)


def database_of(request: Request) -> Database:
    return cast("Database", request.app.state.database)


async def _read(request: Request) -> AsyncIterator[ReadConnection]:
    async with database_of(request).read() as connection:
        yield connection


async def _write(request: Request) -> AsyncIterator[WriteConnection]:
    async with database_of(request).write() as connection:
        yield connection


# scope="function": the commit happens before the answer leaves, so a failing commit can't answer
# 200.
Read = Annotated[ReadConnection, Depends(_read, scope="function")]
Write = Annotated[WriteConnection, Depends(_write, scope="function")]
