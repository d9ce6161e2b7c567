"""Prioritisations: dots, yes or no, scores; sums per idea."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_measures.base.model.texts import Line
from klima_measures.participation.actions import prioritisations as usecase
from klima_measures.participation.actions.prioritisations import PRIORITISATION
from klima_measures.participation.model import PrioritisationMethod
from klima_measures.participation.tables import prioritisation
from klima_measures.records.routes import (
    Asked,
    PublishedBody,
    Resource,
    Stored,
    Viewing,
    encode,
    routes,
)
from klima_shared.database.connections import ReadConnection, Write
from klima_shared.http.auth import Editor, Manager
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.problems import problem_responses
from klima_shared.language.reader import ReaderLang

router = APIRouter()
_path = "/v1/prioritisations"


class PrioritisationIn(PublishedBody):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974052",
                    "title": "Punkte der Klimawerkstatt Werl",
                    "method": "dots",
                    "ideas": [],
                    "dots_available": 99,
                    "published": True,
                }
            ]
        },
    )
    title: Line
    method: PrioritisationMethod
    workshop: UUID | None = None
    ideas: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=500)] = Field(
        default_factory=list, description="references of accepted ideas"
    )
    dots_available: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = Field(
        default=None, description="more than these are refused"
    )


class PrioritisationLine(BaseModel):
    idea: str = Field(description="reference; a merged idea counts for the one it went into")
    rank: int = Field(description="equal sums share a rank")
    ballots: int
    total: int = Field(description="dots, number of yes, or sum of scores")
    mean: float | None = Field(description="mean score, or share of yes")


class Prioritisation(PrioritisationIn, Stored):
    closed_at: datetime | None = Field(description="from then on nothing changes")
    total: int
    results: list[PrioritisationLine]


async def _results(
    connection: ReadConnection, rows: Sequence[dict[str, Any]], _: Viewing
) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        lines = await usecase.result(connection, row)
        closed = row["closed_at"].isoformat() if row["closed_at"] else None
        found.append(
            {"closed_at": closed, "total": sum(line["total"] for line in lines), "results": lines}
        )
    return found


async def _asked(
    workshop: Annotated[UUID | None, Query(description="only of this workshop")] = None,
) -> Asked:
    return Asked([prioritisation.c.workshop_id == workshop] if workshop else [])


RESOURCE = Resource(
    PRIORITISATION,
    _path,
    "prioritisation",
    "prioritisations",
    ("a prioritisation", "prioritisations"),
    PrioritisationIn,
    Prioritisation,
    "workshops",
    enrich=_results,
    asked=_asked,
)
routes(router, RESOURCE)


class VoteIn(BaseModel):
    """What a group gave to an idea; nobody's name is asked."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"idea": "KI-7F3K-9QX2", "value": 3, "ballots": 1}]},
    )
    idea: Annotated[str, Field(max_length=40)]
    value: Annotated[int, Field(strict=True, ge=-100, le=100)] = Field(
        default=1,
        description="of each ballot: dots, 1 for yes and 0 for no, or a score from 1 to 5",
    )
    ballots: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1


@router.post(
    _path + "/{identity}/votes",
    summary="Enter votes of a group",
    tags=["workshops"],
    status_code=201,
    response_model=Prioritisation,
    responses=problem_responses(400, 401, 403, 404, 409, 422),
)
async def create_vote(
    identity: UUID,
    body: VoteIn,
    editor: Editor,
    write: Write,
    lang: ReaderLang,
    idempotency: Idempotency,
) -> Response:
    """409 once the session is closed."""

    async def action() -> Created:
        row = await usecase.vote(write, editor, identity, body.idea, body.value, body.ballots)
        (view,) = await RESOURCE.views(write, [row], Viewing(editor, lang, datetime.now(UTC)))
        return Created(encode(view), location=f"{_path}/{identity}")

    return await idempotency.run(write, action)


@router.post(
    _path + "/{identity}/close",
    summary="Close a prioritisation for good",
    tags=["workshops"],
    response_model=Prioritisation,
    responses=problem_responses(401, 403, 404, 409, 412, 428),
)
async def close_prioritisation(
    identity: UUID, manager: Manager, if_match: RequiredIfMatch, write: Write, lang: ReaderLang
) -> Response:
    row = await usecase.close(write, manager, identity, if_match)
    return await RESOURCE.answered(write, row, Viewing(manager, lang, datetime.now(UTC)))
