"""Workshops (Klimawerkstätten): what they are about, who came, and their steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.dates import Moment
from klima_measures.base.model.texts import Line, Prose
from klima_measures.participation.actions.workshops import WORKSHOP, move
from klima_measures.participation.model import AuthorGroup, Focus, WorkshopState
from klima_measures.participation.queries import ideas
from klima_measures.participation.tables import workshop
from klima_measures.records.routes import Asked, Body, Resource, Stored, Viewing, routes
from klima_shared.codes.fields import level
from klima_shared.codes.lists import RegionKind
from klima_shared.database.connections import ReadConnection, Write
from klima_shared.http.auth import Editor
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.problems import problem_responses
from klima_shared.http.validation import TextError
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Text

router = APIRouter()

Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]


class WorkshopIn(Body):
    """A workshop. People are counted by group, never named."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974052",
                    "title": "Klimawerkstatt Werl",
                    "focus": "territory",
                    "topics": ["Mobilität", "Wärme in Bestandsgebäuden", "Grün in der Stadt"],
                    "starts_at": "2026-03-17T18:00:00+01:00",
                    "ends_at": "2026-03-17T21:00:00+01:00",
                    "place": "Stadthalle Werl",
                    "participants": {"citizens": 24, "administration": 5, "business": 4},
                }
            ]
        },
    )
    title: Line
    focus: Focus = Focus.TERRITORY
    topics: Annotated[list[Line], Field(max_length=20)] = Field(
        default=[], description="chosen by the municipality"
    )
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    place: Line | None = None
    participants: dict[AuthorGroup, Count] = Field(
        default={}, description="how many of each group came"
    )
    summary: Prose = Field(default="", description="for everybody")
    notes: Prose = Field(default="", description="for those who may read drafts")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at and (self.starts_at is None or self.ends_at <= self.starts_at):
            raise TextError(Text("The end is not after the beginning."))
        return self


class Workshop(WorkshopIn, Stored):
    published: bool
    state: WorkshopState
    state_label: str
    level: RegionKind = Field(description="municipality or county; follows from the region")
    participants_total: int
    ideas: int = Field(
        description="ideas noted there that are public, or all for readers of drafts"
    )


async def _more(
    connection: ReadConnection, rows: Sequence[dict[str, Any]], viewing: Viewing
) -> list[dict[str, Any]]:
    counts = await ideas.count_by_workshop(connection, [row["id"] for row in rows])
    found = []
    for row in rows:
        accepted, everything = counts.get(row["id"], (0, 0))
        found.append(
            {
                "state": row["state"],
                "state_label": WorkshopState(row["state"]).label(viewing.lang),
                "level": level(row["region"]).value,
                "participants_total": sum(row["document"]["participants"].values()),
                "ideas": everything if viewing.inside(row) else accepted,
            }
        )
    return found


async def _asked(
    state: Annotated[WorkshopState | None, Query(description="only in this state")] = None,
) -> Asked:
    return Asked([workshop.c.state == state.value] if state else [])


RESOURCE = Resource(
    WORKSHOP,
    "/v1/workshops",
    "workshop",
    "workshops",
    ("a workshop", "workshops"),
    WorkshopIn,
    Workshop,
    "workshops",
    internal=frozenset({"notes"}),
    enrich=_more,
    asked=_asked,
)
routes(router, RESOURCE)


class WorkshopStep(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "held"}]})
    to: WorkshopState = Field(
        description="delivered and acknowledged are reached by the package's own routes"
    )


@router.post(
    "/v1/workshops/{identity}/transitions",
    summary="The next step of a workshop",
    tags=["workshops"],
    response_model=Workshop,
    responses=problem_responses(400, 401, 403, 404, 409, 412, 422, 428),
)
async def move_workshop(
    identity: UUID,
    body: WorkshopStep,
    editor: Editor,
    if_match: RequiredIfMatch,
    write: Write,
    lang: ReaderLang,
) -> Response:
    row = await move(write, editor, identity, if_match, body.to)
    return await RESOURCE.answered(write, row, Viewing(editor, lang, datetime.now(UTC)))
