"""The organisation's own balance, per year and over the years. Never added to, or taken from, a
territory's."""

from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response

from klima_balance.imports.routes.files import AskedOtherSources
from klima_balance.organisation import queries
from klima_balance.organisation.actions import balances as actions
from klima_balance.organisation.model import Area
from klima_balance.organisation.queries import ORGANISATIONS
from klima_balance.organisation.shapes import (
    IntoTerritory,
    OrganisationBalance,
    OrganisationName,
    OrganisationPoint,
    OrganisationSeries,
    Reason,
)
from klima_balance.regions.routes.common import MethodTables, YearPath
from klima_shared.codes.access import Role
from klima_shared.codes.energy import Carrier
from klima_shared.database.connections import Read
from klima_shared.http.auth import Caller
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.dependencies import EditorWriter, ManagerWriter
from klima_shared.wire.json import JsonObject

router = APIRouter(prefix="/v1/organisations/{organisation_id}", tags=["organisations"])

NOTE = Text(
    "Boundary of the organisation (administration and majority holdings); not to be added to the "
    "balance of the territory."
)
VersionQuery = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="the newest by default")]


def _answer(document: JsonObject, lang: Lang) -> OrganisationBalance:
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
    lang: RequestLanguage,
    method: MethodTables,
    state: Annotated[
        Literal["draft", "published"] | None,
        Query(
            description=(
                "draft: as the registers stand now; by default what is published, else the draft"
            )
        ),
    ] = None,
    version: VersionQuery = None,
) -> OrganisationBalance:
    """The published one for everybody; viewers of the region see the draft from the registers."""
    head = await entities.get(read, ORGANISATIONS, organisation_id)
    rows = await queries.published(read, organisation_id, year, version) if state != "draft" else []
    if rows:
        return _answer(orjson.loads(rows[0].document), lang)
    if (
        state == "published"
        or version is not None
        or (state is None and not caller.may_read_drafts(head.region))
    ):
        raise not_found(Text("No balance is published for {year}.", year=year))
    if not caller.may_read_drafts(head.region):
        caller.require(Role.VIEWER, head.region)
    return _answer((await actions.compute(read, method, organisation_id, year)).document, lang)


@router.post(
    "/balances/{year}/publish",
    summary="Publish the organisation's balance",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def publish_organisation_balance(
    response: Response,
    organisation_id: UUID,
    year: YearPath,
    writer: ManagerWriter,
    lang: RequestLanguage,
    method: MethodTables,
    body: Reason | None = None,
) -> OrganisationBalance:
    """As the registers stand now; it becomes the newest version and never changes again."""
    reason = body.reason if body else None
    document = await actions.publish(writer, method, organisation_id, year, reason)
    response.headers["Location"] = (
        f"/v1/organisations/{organisation_id}/balances/{year}?version={document['version']}"
    )
    return _answer(document, lang)


@router.get(
    "/timeseries", summary="The organisation over the years", responses=problem_responses(404, 422)
)
async def get_organisation_timeseries(
    organisation_id: UUID, read: Read, caller: Caller, lang: RequestLanguage, method: MethodTables
) -> OrganisationSeries:
    """Published balances by year; viewers also see the years that are not published yet, marked as
    drafts."""
    head = await entities.get(read, ORGANISATIONS, organisation_id)
    documents = {
        r.year: orjson.loads(r.document) for r in await queries.published(read, organisation_id)
    }
    if caller.may_read_drafts(head.region):
        for year in await queries.years(read, organisation_id):
            if year not in documents:
                documents[year] = (
                    await actions.compute(read, method, organisation_id, year)
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
    name = OrganisationName(id=organisation_id, name=head.name, region=head.region)
    return OrganisationSeries(organisation=name, years=points, note=NOTE.get(lang))


@router.post(
    "/territory/{year}",
    summary="Facilities and fleet into the municipality's balance",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def create_territory_figures(
    organisation_id: UUID, year: YearPath, writer: EditorWriter, others: AskedOtherSources
) -> IntoTerritory:
    """The administration's own facilities become the municipal sector of its municipality (taken
    off commerce), its fleet the memo item inside transport. Repeat-safe, and undone like an import.
    A cell with a figure of another source is a 409 that names it, unless `replace` or `add` says
    what becomes of it.
    """
    return IntoTerritory.model_validate(
        await actions.copy_into_territory(writer, organisation_id, year, others.otherwise)
    )
