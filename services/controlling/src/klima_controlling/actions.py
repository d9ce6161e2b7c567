"""Creating things for which another service must be asked first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.responses import Response

from klima_shared.database.connections import Database, WriteConnection
from klima_shared.http.idempotency import Created, IdempotencyContext

T = TypeVar("T")


async def create_after_asking(
    database: Database,
    idempotency: IdempotencyContext,
    ask: Callable[[], Awaitable[T]],
    store: Callable[[WriteConnection, T], Awaitable[Created]],
) -> Response:
    """The other service is asked before the transaction begins: no row is locked meanwhile. A
    repeated request is answered without asking."""
    async with database.read() as connection:
        repeated = await idempotency.replay(connection)
    if repeated is not None:
        return repeated
    answer = await ask()
    async with database.write() as connection:
        return await idempotency.run(connection, lambda: store(connection, answer))
