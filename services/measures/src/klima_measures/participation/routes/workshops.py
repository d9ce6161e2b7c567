"""Kick-off talks, workshops and prioritisations."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.actions.regions import administrations
from klima_measures.base.routes import balance_of, context_of
from klima_measures.participation.actions import workshops as actions
from klima_measures.participation.model.codes import WorkshopState
from klima_measures.participation.model.workshops import (
    KickOffIn,
    PrioritisationIn,
    PrioritisationRow,
    WorkshopIn,
    WorkshopRow,
)
from klima_measures.participation.queries import workshops as queries
from klima_measures.participation.shapes.workshops import (
    Administration,
    KickOff,
    KickOffReport,
    Prioritisation,
    VoteIn,
    Workshop,
    WorkshopStep,
)
from klima_measures.participation.tables import kick_off, prioritisation, workshop
from klima_shared.codes.regions import level
from klima_shared.database.connections import ReadConnection, database_of
from klima_shared.http.auth import Principal, Viewer
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.revisions import records
from klima_shared.revisions.dependencies import EditorChange, EditorWriter, ManagerChange
from klima_shared.revisions.resources import Fields, Filter, Resource, Viewing, routes
from klima_shared.revisions.visibility import draft_regions, lies_in

router = APIRouter()
TAG = "workshops"
_changing = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)


async def _workshop_fields(
    connection: AsyncConnection, rows: Sequence[WorkshopRow], viewing: Viewing
) -> list[Fields]:
    counts = await queries.count_ideas(connection, [row.id for row in rows])
    fields: list[Fields] = []
    for row in rows:
        accepted, everything = counts.get(row.id, (0, 0))
        fields.append(
            {
                "state": row.state,
                "state_label": row.state.label(viewing.lang),
                "level": level(row.region),
                "participants_total": sum(row.document["participants"].values()),
                "ideas": everything if viewing.inside(row) else accepted,
            }
        )
    return fields


async def _workshops(
    state: Annotated[WorkshopState | None, Query(description="only in this state")] = None,
) -> Filter:
    return Filter(workshop.c.state == state if state else None)


async def _results(
    connection: AsyncConnection, rows: Sequence[PrioritisationRow], _: Viewing
) -> list[Fields]:
    results = await actions.results(connection, rows)
    return [
        {
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
            "total": sum(line.total for line in results[row.id]),
            "results": [line._asdict() for line in results[row.id]],
        }
        for row in rows
    ]


async def _prioritisations(
    workshop: Annotated[UUID | None, Query(description="only of this workshop")] = None,
) -> Filter:
    return Filter(prioritisation.c.workshop_id == workshop if workshop else None)


KICK_OFFS = Resource(actions.KICK_OFF, "/v1/kick-offs", KickOffIn, KickOff, TAG, private=True)
WORKSHOPS = Resource(
    actions.WORKSHOP,
    "/v1/workshops",
    WorkshopIn,
    Workshop,
    TAG,
    internal=frozenset({"notes"}),
    enrich=_workshop_fields,
    filter=_workshops,
)
PRIORITISATIONS = Resource(
    actions.PRIORITISATION,
    "/v1/prioritisations",
    PrioritisationIn,
    Prioritisation,
    TAG,
    enrich=_results,
    filter=_prioritisations,
)


@router.get(
    "/v1/kick-offs/report",
    summary="Administrations that have had no kick-off talk yet",
    tags=[TAG],
    responses=problem_responses(401, 403),
)
async def get_kick_off_report(request: Request, viewer: Viewer) -> KickOffReport:
    """Of the county's administration and those of all its municipalities; within the caller's
    regions.

    Which these are comes from the balance service; until it could be asked once, nothing is called
    missing.
    """
    database, county = database_of(request), context_of(request).county
    expected = await administrations(database, balance_of(request), county)
    async with database.read() as read:
        return await _report(read, viewer, expected)


async def _report(
    read: ReadConnection, viewer: Principal, expected: dict[str, str] | None
) -> KickOffReport:
    if expected is None:
        mine = lies_in(kick_off.c.region, draft_regions(viewer))
        rows = await records.listing(read, actions.KICK_OFF, [mine], limit=10_000)
        return KickOffReport(expected=None, held=len({row.region for row in rows}), missing=None)
    names = {ags: name for ags, name in expected.items() if viewer.may_read_drafts(ags)}
    where = [kick_off.c.region.in_(names)]
    rows = await records.listing(read, actions.KICK_OFF, where, limit=10_000)
    held = {row.region for row in rows}
    missing = [
        Administration(region=ags, name=name) for ags, name in names.items() if ags not in held
    ]
    return KickOffReport(expected=len(names), held=len(held), missing=missing)


# The fixed path comes before that of one talk.
for _resource in (KICK_OFFS, WORKSHOPS, PRIORITISATIONS):
    routes(router, _resource)


@router.post(
    "/v1/workshops/{identity}/transitions",
    summary="The next step of a workshop",
    tags=[TAG],
    response_model=Workshop,
    responses=_changing,
)
async def move_workshop(
    identity: UUID, body: WorkshopStep, writer: EditorChange, lang: RequestLanguage
) -> Response:
    return await WORKSHOPS.written(
        writer, await actions.move_workshop(writer, identity, body.to), lang
    )


@router.post(
    "/v1/prioritisations/{identity}/votes",
    summary="Enter votes of a group",
    tags=[TAG],
    **creating(Prioritisation, 400, 401, 403, 404, 409, 422),
)
async def create_vote(
    identity: UUID,
    body: VoteIn,
    writer: EditorWriter,
    lang: RequestLanguage,
    idempotency: Idempotency,
) -> Response:
    """409 once the session is closed."""

    async def action() -> Created:
        row = await actions.vote(
            writer, identity, body.idea, value=body.value, ballots=body.ballots
        )
        response = await PRIORITISATIONS.written(writer, row, lang)
        return Created(bytes(response.body), location=f"/v1/prioritisations/{identity}")

    return await idempotency.run(writer.connection, action)


@router.post(
    "/v1/prioritisations/{identity}/close",
    summary="Close a prioritisation for good",
    tags=[TAG],
    response_model=Prioritisation,
    responses=problem_responses(401, 403, 404, 409, 412, 428),
)
async def close_prioritisation(
    identity: UUID, writer: ManagerChange, lang: RequestLanguage
) -> Response:
    return await PRIORITISATIONS.written(writer, await actions.close(writer, identity), lang)
