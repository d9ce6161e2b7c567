"""`/health/live` (the process answers) and `/health/ready` (the database is there and migrated)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import anyio
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from klima_shared.database.connections import database_of
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
    upstreams: dict[str, UpstreamCheck] | None = None,
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
        database, revision = database_of(request), None
        reachable = False
        with anyio.move_on_after(TIMEOUT_SECONDS):
            try:
                async with database.read() as connection:
                    revision = await current_revision(connection, database.schema)
                    reachable = True
            except (SQLAlchemyError, OSError):
                reachable = False
        migrated = reachable and (
            revision == head or (revision is not None and revision not in older)
        )
        status: Literal["ok", "unavailable", "draining"] = "ok" if migrated else "unavailable"
        if is_draining(request.app):
            status = "draining"
        reports: dict[str, Literal["ok", "unreachable"]] = {}

        async def ask(name: str, check: UpstreamCheck) -> None:
            reports[name] = "unreachable"
            with anyio.move_on_after(TIMEOUT_SECONDS):
                reports[name] = "ok" if await check() else "unreachable"

        async with anyio.create_task_group() as group:
            for name, check in (upstreams or {}).items():
                group.start_soon(ask, name, check)
        response.status_code = 200 if status == "ok" else 503
        response.headers["Cache-Control"] = "no-store"
        return Readiness(
            status=status,
            database="ok" if reachable else "unreachable",
            migrated=migrated,
            upstreams=dict(sorted(reports.items())),
        )

    return router
