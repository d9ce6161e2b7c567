"""Actors and their networks: in the order of the alphabet, shown with their consent, never
recommended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.texts import Line, Prose, WebAddress
from klima_measures.base.rules import alphabetical_key
from klima_measures.community.actions.networks import check_members, write_members
from klima_measures.community.queries import networks
from klima_measures.community.tables import actor, network
from klima_measures.participation.model import ActorKind
from klima_measures.records.actions import Kind
from klima_measures.records.routes import Asked, PublishedBody, Resource, Stored, Viewing, routes
from klima_shared.codes.fields import Ags
from klima_shared.database.connections import ReadConnection
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

router = APIRouter()


class ActorIn(PublishedBody):
    """An organisation, or somebody who works under his own name; published only with consent."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974000",
                    "name": "Energieberatung Beispiel",
                    "kind": "energy_consultant",
                    "regions": ["05974052", "05974040"],
                    "roles": ["Beratung zu Dämmung und Heizung"],
                    "consent_to_publish": True,
                    "published": True,
                }
            ]
        },
    )
    name: Line
    kind: ActorKind
    regions: Annotated[list[Ags], Field(min_length=1, max_length=50)] = Field(
        description="where it is active"
    )
    roles: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    description: Prose = ""
    website: WebAddress | None = None
    consent_to_publish: bool = Field(
        default=False, strict=True, description="the actor agreed to be shown"
    )
    notes: Prose = Field(default="", description="for those who may read drafts")

    @model_validator(mode="after")
    def _consented(self) -> Self:
        if self.published and not self.consent_to_publish:
            raise TextError(Text("Without consent (consent_to_publish) an actor is not published."))
        return self


class Actor(ActorIn, Stored):
    kind_label: str


ACTOR = Kind(
    "actor",
    Label("einen Akteur", "actor"),
    actor,
    sort_key=lambda document: alphabetical_key(document["name"]),
    columns=lambda document: {"kind": document["kind"], "regions": document["regions"]},
    personal=("name", "roles", "description", "website", "notes"),
)


async def _actors_asked(
    kind: Annotated[ActorKind | None, Query(description="only of this kind")] = None,
) -> Asked:
    return Asked([actor.c.kind == kind.value] if kind else [])


async def _label(
    _: ReadConnection, rows: Sequence[dict[str, Any]], viewing: Viewing
) -> list[dict[str, Any]]:
    return [{"kind_label": ActorKind(row["kind"]).label(viewing.lang)} for row in rows]


routes(
    router,
    Resource(
        ACTOR,
        "/v1/actors",
        "actor",
        "actors",
        ("an actor", "actors in the order of the alphabet"),
        ActorIn,
        Actor,
        "networks",
        internal=frozenset({"notes"}),
        enrich=_label,
        asked=_actors_asked,
    ),
)


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    actor: UUID
    role: Line | None = None


class NetworkIn(PublishedBody):
    """A network of actors."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974000",
                    "name": "Netzwerk Altbau",
                    "goal": "Unabhängige Beratung in allen 14 Kommunen",
                    "regions": ["05974000"],
                    "members": [],
                    "published": True,
                }
            ]
        },
    )
    name: Line
    goal: Prose = ""
    regions: Annotated[list[Ags], Field(min_length=1, max_length=50)]
    members: Annotated[list[MemberIn], Field(max_length=500)] = Field(default_factory=list)
    website: WebAddress | None = None


class Member(BaseModel):
    actor: UUID
    name: str
    kind: ActorKind
    role: str | None


class Network(NetworkIn, Stored):
    members: list[Member] = Field(description="by the alphabet; the public sees those who agreed")  # type: ignore[assignment]


NETWORK = Kind(
    "network",
    Label("ein Netzwerk", "network"),
    network,
    sort_key=lambda document: alphabetical_key(document["name"]),
    columns=lambda document: {"regions": document["regions"]},
    check=check_members,
    written=write_members,
)


async def _members(
    connection: ReadConnection, rows: Sequence[dict[str, Any]], viewing: Viewing
) -> list[dict[str, Any]]:
    found = await networks.members(connection, [row["id"] for row in rows])
    shown = []
    for row in rows:
        lines = found.get(row["id"], [])
        seen = [
            line
            for line in lines
            if line["published"] or viewing.inside({"region": line["region"]})
        ]
        shown.append(
            {"members": [{k: line[k] for k in ("actor", "name", "kind", "role")} for line in seen]}
        )
    return shown


routes(
    router,
    Resource(
        NETWORK,
        "/v1/networks",
        "network",
        "networks",
        ("a network", "networks"),
        NetworkIn,
        Network,
        "networks",
        enrich=_members,
    ),
)
