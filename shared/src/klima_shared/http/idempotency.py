"""Creating POSTs that can be repeated: the same `Idempotency-Key` answers what the first request
was answered.

The key is stored in the transaction of the creation itself: both are there, or neither. Of two
requests with one key at the same time the second waits for the first (a unique row) and then reads
its answer.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, TypedDict

import orjson
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import Executable, MetaData, Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from klima_shared.database.connections import WriteConnection, database_of
from klima_shared.http.auth import Caller, Principal
from klima_shared.http.operations import Fact, tells
from klima_shared.http.problems import Problem, problem_responses, unavailable
from klima_shared.language.text import Label, Text


class Created:
    """What a creating use case hands to the route: a body, and the headers that go with it."""

    def __init__(
        self,
        body: BaseModel | Mapping[str, object] | bytes,
        *,
        location: str | None = None,
        etag: str | None = None,
        status: int = 201,
    ) -> None:
        self.body, self.location, self.etag, self.status = body, location, etag, status

    def response(self) -> Response:
        if isinstance(self.body, BaseModel):
            content = self.body.model_dump_json().encode()
        else:
            content = (
                self.body if isinstance(self.body, bytes) else orjson.dumps(self.body, default=str)
            )
        headers = {"Cache-Control": "no-store"}
        if self.location:
            headers["Location"] = self.location
        if self.etag:
            headers["ETag"] = self.etag
        return Response(content, self.status, headers, "application/json")


class Creating(TypedDict):
    """Options of a route; what they are is FastAPI's."""

    status_code: int
    response_model: Any
    responses: dict[int | str, dict[str, Any]]


def creating(answer: Any, *problems: int, unstored: str | None = None) -> Creating:
    """How a route that creates describes itself: 201 with this model, or one of these problems.
    `unstored`: when the answer is 200 because nothing was stored."""
    responses = problem_responses(*problems)
    if unstored is not None:
        responses[200] = {"model": answer, "description": unstored}
    return Creating(status_code=201, response_model=answer, responses=responses)


class IdempotencyContext:
    """Runs a creation once for its key. Without a key it just runs it."""

    def __init__(
        self, metadata: MetaData, scope: str, key: str | None, body: Callable[[], Awaitable[bytes]]
    ) -> None:
        self.table = metadata.tables[f"{metadata.schema}.idempotency_key"]
        self.scope, self.key, self._body = scope, key, body

    async def run(
        self,
        connection: WriteConnection,
        action: Callable[[], Awaitable[Created]],
        *,
        fingerprint: str | None = None,
    ) -> Response:
        """Answer of `action`, or the stored answer of the first request with this key.

        fingerprint: digest of the content, needed where the body is a file upload (its stream is
        spent by then). 409 for the same key with another content.
        """
        if self.key is None:
            return (await action()).response()
        if fingerprint is None:
            fingerprint = await self._digest()
        take, _, keep = _statements(self.table)
        inserted = await connection.execute(
            take, {"scope": self.scope, "key": self.key, "fingerprint": fingerprint}
        )
        if inserted.first() is None:
            repeated = await self.replay(connection, fingerprint=fingerprint)
            if repeated is None:  # thrown away as too old in between
                raise unavailable(Text("Please send it again."))
            return repeated
        response = (await action()).response()
        mine = {"this_scope": self.scope, "this_key": self.key}
        await connection.execute(keep, {**mine, **_kept(response)})
        return response

    async def replay(
        self, connection: AsyncConnection, *, fingerprint: str | None = None
    ) -> Response | None:
        """The stored answer of the first request with this key; None when there was none, 409 when
        it had another content.
        """
        if self.key is None:
            return None
        _, find, _ = _statements(self.table)
        found = await connection.execute(find, {"this_scope": self.scope, "this_key": self.key})
        row = found.mappings().first()
        if row is None:
            return None
        if row["fingerprint"] != (fingerprint or await self._digest()):
            raise Problem(
                409,
                "idempotency-key-reused",
                Label("Idempotency-Key schon verwendet", "Idempotency-Key already used"),
                Text("This Idempotency-Key belongs to a request with another content."),
            )
        headers = {**row["headers"], "Idempotent-Replayed": "true"}
        return Response(row["body"], row["status"], headers)

    async def values(self, response: Response) -> dict[str, object]:
        """The row of this key with its answer, for a statement that stores it together with the
        thing itself.

        Without a key all are None. Such a statement stores nothing when the key is taken; then
        `replay` answers.
        """
        if self.key is None:
            return dict.fromkeys(("scope", "key", "fingerprint", "status", "headers", "body"))
        return {
            "scope": self.scope,
            "key": self.key,
            "fingerprint": await self._digest(),
            **_kept(response),
        }

    async def _digest(self) -> str:
        return hashlib.sha256(await self._body()).hexdigest()


def _kept(response: Response) -> dict[str, object]:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return {"status": response.status_code, "headers": headers, "body": bytes(response.body)}


@lru_cache
def _statements(table: Table) -> tuple[Executable, Executable, Executable]:
    """Take a key, find its row, keep its answer. Made once: building a statement takes longer than
    running it."""
    mine = (table.c.scope == bindparam("this_scope")) & (table.c.key == bindparam("this_key"))
    return (
        insert(table).on_conflict_do_nothing().returning(table.c.key),
        select(table).where(mine),
        update(table).where(mine),
    )


@tells(Fact.REPEATABLE)
async def _context(
    request: Request,
    caller: Caller,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            description="a repeat with this key gets the answer of the first request again (with "
            "`Idempotent-Replayed: true`) and creates nothing; with another content it is 409. "
            "May be left out",
            examples=["f1b4c3de-2f51-4a7e-9b0a-6f2d1c0e8a55"],
        ),
    ] = None,
) -> IdempotencyContext:
    route: object = request.scope.get("route")
    path, query = request.url.path, request.url.query
    scope = f"{_client(caller)} {request.method} {getattr(route, 'path', path)} {path}?{query}"
    digest = base64.b16encode(hashlib.blake2b(scope.encode(), digest_size=20).digest()).decode()
    return IdempotencyContext(database_of(request).metadata, digest, idempotency_key, request.body)


def _client(caller: Principal) -> str:
    # Without a login the key itself is the secret that joins the repeats; the address may change
    # between them.
    return f"token:{caller.subject}" if not caller.anonymous else "anonymous"


Idempotency = Annotated[IdempotencyContext, Depends(_context)]
