"""Parameters that several routers share, and creating things for which another service must be
asked first."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Path, Query, Request, Response

from klima_controlling.base.actions import Context
from klima_controlling.base.shapes import CODE
from klima_shared.codes.quantities import YearParam
from klima_shared.codes.regions import Ags
from klima_shared.county import served_county
from klima_shared.database.connections import Database
from klima_shared.http.auth import Principal, current_principal
from klima_shared.http.idempotency import Created, IdempotencyContext
from klima_shared.http.problems import Problem
from klima_shared.revisions.writing import Writer, writing

T = TypeVar("T")

AgsPath = Annotated[Ags, Path(description="AGS or ARS as text", examples=["05974040"])]
YearQuery = Annotated[
    YearParam | None, Query(description="the newest published balance by default", examples=[2021])
]
# A token that comes with a public read must be good as well.
CHECKED = [Depends(current_principal)]
CodePath = Annotated[str, Path(pattern=CODE, examples=["THG_EW_gesamt"])]
OrganisationPath = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", examples=[f"konzern-{served_county().slug}"])
]


def context_of(request: Request) -> Context:
    return cast("Context", request.app.state.context)


async def create_after_asking(
    database: Database,
    principal: Principal,
    idempotency: IdempotencyContext,
    *,
    ask: Callable[[], Awaitable[T]],
    store: Callable[[Writer, T], Awaitable[Created]],
) -> Response:
    """The other service is asked before the transaction begins: no row is locked meanwhile. A
    repeated request is answered without asking."""

    async def replay() -> Response | None:
        async with database.read() as connection:
            return await idempotency.replay(connection)

    if (repeated := await replay()) is not None:
        return repeated
    try:
        answer = await ask()
    except Problem:
        # The first request with this key may have been stored meanwhile: then it is the reason.
        if (repeated := await replay()) is not None:
            return repeated
        raise
    async with writing(database, principal) as writer:
        return await idempotency.run(writer.connection, lambda: store(writer, answer))
