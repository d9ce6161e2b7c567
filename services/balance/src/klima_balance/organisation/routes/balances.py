"""The organisation's own balance, per year and over the years. Never added to, or taken from, a
territory's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.organisation import queries
from klima_balance.organisation.actions import balances as usecases
from klima_balance.organisation.actions.registers import find
from klima_balance.organisation.rules import Area
from klima_balance.regions.routes.common import MethodTables, YearPath
from klima_shared.codes.lists import Carrier, Role
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Caller, Editor, Manager
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Text
from klima_shared.wire.meta import FactorSetReference, Meta

router = APIRouter(prefix="/v1/organisations/{organisation_id}", tags=["organisations"])

NOTE = Text(
    "Boundary of the organisation (administration and majority holdings); not to be added to the "
    "balance of the territory."
)
VersionQuery = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="the newest by default")]


class OrganisationName(BaseModel):
    id: UUID
    name: str = Field(examples=["Kreisverwaltung Soest"])
    region: str = Field(examples=["05974000"])
    kind: str = "organisation"


class Boundary(BaseModel):
    holding: UUID
    name: str
    inside: bool
    share_percent: float | None = Field(examples=[50.1])


class OrganisationTotals(BaseModel):
    final_energy_mwh: float | None
    emissions_t_co2e: float | None


class OrganisationBalance(BaseModel):
    model_config = ConfigDict(extra="allow")

    organisation: OrganisationName
    year: int
    state: Literal["draft", "published"]
    version: int | None
    published_at: datetime | None
    reason: str | None
    boundary: list[Boundary] = Field(description="which holdings are inside in this year")
    totals: OrganisationTotals
    areas: list[dict[str, Any]]
    carriers: list[dict[str, Any]]
    units: list[dict[str, Any]]
    rows: list[dict[str, Any]] = Field(description="every figure with its factor")
    outside: list[dict[str, Any]] = Field(description="figures of holdings outside, in no sum")
    data_quality: float | None
    factor_set: FactorSetReference
    note: str
    meta: Meta


class OrganisationPoint(BaseModel):
    year: int
    version: int | None
    state: str
    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    areas: dict[str, float] = Field(description="t CO2e by area", examples=[{"buildings": 812.5}])


class OrganisationSeries(BaseModel):
    organisation: OrganisationName
    years: list[OrganisationPoint]
    note: str


class IntoTerritory(BaseModel):
    import_id: UUID | None = Field(
        description="to be taken back with /v1/imports/{id}/undo; null when nothing changed"
    )
    rows: int = Field(examples=[4])
    added: int = Field(examples=[4])
    changed: int = Field(examples=[0])
    unchanged: int


def _answer(document: dict[str, Any], lang: Lang) -> OrganisationBalance:
    for row in document["areas"]:
        row["label"] = Area(row["area"]).label(lang)
    for row in document["carriers"]:
        row["label"] = Carrier(row["carrier"]).label(lang)
    for row in document["units"]:
        row["name"] = row["name"] or document["organisation"]["name"]
    return OrganisationBalance(**document, note=NOTE.get(lang))


@router.get(
    "/balances/{year}",
    summary="The organisation's balance of a year",
    responses=problem_responses(401, 403, 404, 422),
)
async def get_organisation_balance(
    organisation_id: UUID,
    year: YearPath,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    method: MethodTables,
    state: Annotated[
        Literal["draft", "published"] | None,
        Query(
            description="draft: as the registers stand now; by default what is published, else the draft"
        ),
    ] = None,
    version: VersionQuery = None,
) -> OrganisationBalance:
    """The published one for everybody; viewers of the region see the draft from the registers."""
    head = await find(read, "organisation", organisation_id)
    rows = await queries.published(read, organisation_id, year, version) if state != "draft" else []
    if rows:
        return _answer(orjson.loads(rows[0]["document"]), lang)
    if (
        state == "published"
        or version is not None
        or (state is None and not caller.may_read_drafts(head["region"]))
    ):
        raise not_found(Text("No balance is published for {year}.", year=year))
    if not caller.may_read_drafts(head["region"]):
        caller.require(Role.VIEWER, head["region"])
    return _answer((await usecases.compute(read, method, organisation_id, year)).document, lang)


class Reason(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Zählerstand berichtigt"}]}
    )

    reason: str | None = Field(default=None, max_length=1000)


@router.post(
    "/balances/{year}/publish",
    summary="Publish the organisation's balance",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def publish_organisation_balance(
    response: Response,
    organisation_id: UUID,
    year: YearPath,
    write: Write,
    manager: Manager,
    lang: ReaderLang,
    method: MethodTables,
    body: Reason | None = None,
) -> OrganisationBalance:
    """As the registers stand now; it becomes the newest version and never changes again."""
    reason = body.reason if body else None
    document = await usecases.publish(write, manager, method, organisation_id, year, reason)
    response.headers["Location"] = (
        f"/v1/organisations/{organisation_id}/balances/{year}?version={document['version']}"
    )
    return _answer(document, lang)


@router.get(
    "/timeseries", summary="The organisation over the years", responses=problem_responses(404, 422)
)
async def get_organisation_timeseries(
    organisation_id: UUID, read: Read, caller: Caller, lang: ReaderLang, method: MethodTables
) -> OrganisationSeries:
    """Published balances by year; viewers also see the years that are not published yet, marked as
    drafts."""
    head = await find(read, "organisation", organisation_id)
    documents = {
        r["year"]: orjson.loads(r["document"])
        for r in await queries.published(read, organisation_id)
    }
    if caller.may_read_drafts(head["region"]):
        for year in await queries.years(read, organisation_id):
            if year not in documents:
                documents[year] = (
                    await usecases.compute(read, method, organisation_id, year)
                ).document
    points = [
        OrganisationPoint(
            year=year,
            version=d["version"],
            state=d["state"],
            **d["totals"],
            areas={row["area"]: row["emissions_t_co2e"] for row in d["areas"]},
        )
        for year, d in sorted(documents.items())
    ]
    name = OrganisationName(id=organisation_id, name=head["name"], region=head["region"])
    return OrganisationSeries(organisation=name, years=points, note=NOTE.get(lang))


@router.post(
    "/territory/{year}",
    summary="Facilities and fleet into the municipality's balance",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def create_territory_figures(
    organisation_id: UUID, year: YearPath, write: Write, editor: Editor
) -> IntoTerritory:
    """The administration's own facilities become the municipal sector of its municipality (taken
    off commerce), its fleet the memo item inside transport. Repeat-safe, and undone like an import.
    """
    return IntoTerritory(**await usecases.into_territory(write, editor, organisation_id, year))
