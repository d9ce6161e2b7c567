"""`/health/live` (the process answers) and `/health/ready` (the database is there and migrated)."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import anyio
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from klima_shared.database.connections import Database, database_of
from klima_shared.database.migrations import current_revision
from klima_shared.service.draining import is_draining

UpstreamCheck = Callable[[], Awaitable[bool]]
TIMEOUT_SECONDS = 3.0


class Liveness(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Upstreams are reported, not required: the service answers from its own data when they are
    down."""

    status: Literal["ok", "unavailable", "draining"] = Field(
        description="draining: it was told to stop"
    )
    database: Literal["ok", "unreachable"]
    migrated: bool = Field(
        description="the schema is the one this program was built for, or a newer one"
    )
    upstreams: dict[str, Literal["ok", "unreachable"]] = Field(
        default_factory=dict, examples=[{"balance": "ok"}]
    )


def health_router(
    head: str | None,
    older: frozenset[str] = frozenset(),
    upstreams: Mapping[str, UpstreamCheck] | None = None,
) -> APIRouter:
    """`older`: revisions before `head` that this program knows. One it does not know is newer, and
    every release works on the schema of the next (docs/operations.md), or a rolling update would
    end the old replicas before the new run.
    """
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", summary="Is the process alive?")
    async def get_liveness() -> Liveness:
        return Liveness()

    @router.get(
        "/ready",
        summary="Can the service answer?",
        responses={
            503: {
                "model": Readiness,
                "description": "database not reachable, not migrated, or being stopped",
            }
        },
    )
    async def get_readiness(request: Request, response: Response) -> Readiness:
        reachable, revision = await _database_state(database_of(request))
        # A revision that this program does not know is newer: an older one is in `older`.
        known = revision == head or (revision is not None and revision not in older)
        status: Literal["ok", "unavailable", "draining"]
        status = "ok" if reachable and known else "unavailable"
        if is_draining(request.app):
            status = "draining"
        response.status_code = 200 if status == "ok" else 503
        response.headers["Cache-Control"] = "no-store"
        return Readiness(
            status=status,
            database="ok" if reachable else "unreachable",
            migrated=reachable and known,
            upstreams=await _upstream_states(upstreams or {}),
        )

    return router


async def _database_state(database: Database) -> tuple[bool, str | None]:
    """Whether it answers, and its revision."""
    with anyio.move_on_after(TIMEOUT_SECONDS), contextlib.suppress(SQLAlchemyError, OSError):
        async with database.probe() as connection:
            return True, await current_revision(connection, database.schema)
    return False, None


async def _upstream_states(
    upstreams: Mapping[str, UpstreamCheck],
) -> dict[str, Literal["ok", "unreachable"]]:
    states: dict[str, Literal["ok", "unreachable"]] = {}

    async def ask(name: str, check: UpstreamCheck) -> None:
        states[name] = "unreachable"
        with anyio.move_on_after(TIMEOUT_SECONDS):
            states[name] = "ok" if await check() else "unreachable"

    async with anyio.create_task_group() as group:
        for name, check in upstreams.items():
            group.start_soon(ask, name, check)
    return dict(sorted(states.items()))
