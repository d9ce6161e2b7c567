"""Kick-off talks with the administrations: the county's and those of its municipalities."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from klima_measures.base.actions.context import frame_of
from klima_measures.base.model.dates import Day
from klima_measures.base.model.texts import Line, Prose
from klima_measures.base.queries.visibility import draft_prefixes, within
from klima_measures.participation.actions.administrations import administrations
from klima_measures.participation.tables import kick_off
from klima_measures.records import queries as records
from klima_measures.records.actions import Document, Kind
from klima_measures.records.routes import Body, Resource, Stored, routes
from klima_shared.database.connections import Write
from klima_shared.http.auth import Viewer
from klima_shared.http.problems import problem_responses
from klima_shared.language.text import Label

router = APIRouter()


class KickOffIn(Body):
    """A talk; roles instead of names."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974052",
                    "held_on": "2026-02-11",
                    "participant_roles": [
                        "Bürgermeisteramt",
                        "Bauamt",
                        "Klimamanagement des Kreises",
                    ],
                    "notes": "Drei Themen für die Werkstatt vorgeschlagen.",
                    "actors_found": ["Stadtwerke", "Heimatverein"],
                }
            ]
        },
    )
    held_on: Day
    participant_roles: Annotated[list[Line], Field(max_length=50)] = Field(default_factory=list)
    notes: Prose = ""
    actors_found: Annotated[list[Line], Field(max_length=200)] = Field(default_factory=list)


class KickOff(KickOffIn, Stored):
    pass


def _columns(document: Document) -> dict[str, Any]:
    return {"held_on": date.fromisoformat(document["held_on"])}


KIND = Kind(
    "kick_off",
    Label("ein Auftaktgespräch", "kick-off talk"),
    kick_off,
    sort_key=lambda document: str(document["held_on"]),
    columns=_columns,
    newest_first=True,
    publishing=False,
)


class Administration(BaseModel):
    region: str = Field(examples=["05974052"])
    name: str = Field(examples=["Werl"])


class KickOffReport(BaseModel):
    """Which administrations have been talked to, and which have not."""

    expected: int | None = Field(
        examples=[15], description="null: the municipalities are not known yet"
    )
    held: int = Field(description="administrations talked to")
    missing: list[Administration] | None = Field(
        description="null: not known, because the municipalities are not"
    )


@router.get(
    "/v1/kick-offs/report",
    summary="Administrations that have had no kick-off talk yet",
    tags=["workshops"],
    responses=problem_responses(401, 403),
)
async def get_kick_off_report(request: Request, write: Write, viewer: Viewer) -> KickOffReport:
    """Of the county's administration and those of all its municipalities; within the caller's
    regions.

    Which these are comes from the balance service; until it could be asked once, nothing is called
    missing.
    """
    expected = await administrations(write, frame_of(request))
    if expected is None:
        rows = await records.listing(
            write, kick_off, [within(kick_off.c.region, draft_prefixes(viewer))], limit=10_000
        )
        return KickOffReport(expected=None, held=len({row["region"] for row in rows}), missing=None)
    mine = {ags: name for ags, name in expected.items() if viewer.may_read_drafts(ags)}
    rows = await records.listing(write, kick_off, [kick_off.c.region.in_(mine)], limit=10_000)
    held = {row["region"] for row in rows}
    missing = [
        Administration(region=ags, name=name) for ags, name in mine.items() if ags not in held
    ]
    return KickOffReport(expected=len(mine), held=len(held), missing=missing)


routes(
    router,
    Resource(
        KIND,
        "/v1/kick-offs",
        "kick_off",
        "kick_offs",
        ("a kick-off talk", "kick-off talks"),
        KickOffIn,
        KickOff,
        "workshops",
        private=True,
    ),
)
