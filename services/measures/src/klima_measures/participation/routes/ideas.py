"""Ideas as they are read: lists, sums, one idea, and the state for whoever knows a reference."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import PUBLIC, Reader, reader_of
from klima_measures.participation.actions.ideas import etag_of, no_idea
from klima_measures.participation.model.codes import IdeaChannel, Moderation, Triage
from klima_measures.participation.model.ideas import IdeaRow, canonical_reference
from klima_measures.participation.queries import ideas
from klima_measures.participation.routes.context import ParticipationOf, Reference
from klima_measures.participation.shapes.ideas import Idea, IdeaState, Sums, idea_view, state_view
from klima_measures.participation.tables import idea
from klima_shared.codes.regions import Ags, RegionKind, level
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, table_response, tabular
from klima_shared.http.auth import Caller, Viewer
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, PageRequest, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.http.sorting import Order, sorting
from klima_shared.language.numbers import Lang
from klima_shared.revisions.record_tables import record_table
from klima_shared.revisions.resources import TABLE_ROWS
from klima_shared.revisions.visibility import draft_regions, lies_in

router = APIRouter(prefix="/v1/ideas", tags=["ideas"])
_IN_ORDER = Order("created_at")
_ORDER = sorting(
    _IN_ORDER.name, {"created_at": "when it came in", "changed_at": "when it was changed"}
)


Conditions = list[ColumnElement[bool]]


async def _content_conditions(
    region: Annotated[
        Ags | None, Query(description="the region or, for a county, all in it")
    ] = None,
    concept: Annotated[
        Ags | None,
        Query(
            description="ideas of a concept: for the county the intermunicipal ones, "
            "else the municipality's own"
        ),
    ] = None,
    field: Annotated[str | None, Query(max_length=40)] = None,
    channel: IdeaChannel | None = None,
) -> Conditions:
    where: Conditions = []
    if region:
        where.append(lies_in(idea.c.region, [region]))
    if concept:
        municipal = level(concept) is RegionKind.MUNICIPALITY
        own = Triage.MUNICIPAL if municipal else Triage.INTERMUNICIPAL
        where += [lies_in(idea.c.region, [concept]), ideas.counted_as == own]
    if field:
        where.append(idea.c.field == field)
    if channel:
        where.append(idea.c.channel == channel)
    return where


async def _state_conditions(
    settings: ParticipationOf,
    moderation: Moderation | None = None,
    triage: Triage | None = None,
    workshop: UUID | None = None,
    unanswered: Annotated[
        bool, Query(description="only those unanswered for longer than promised")
    ] = False,
) -> Conditions:
    where: Conditions = []
    if moderation:
        where.append(idea.c.moderation == moderation)
    if triage:
        where.append(ideas.counted_as == triage)
    if workshop:
        where.append(idea.c.workshop_id == workshop)
    if unanswered:
        where.append(ideas.unanswered(_promised(settings.idea_answer_days)))
    return where


async def _conditions(
    content: Annotated[Conditions, Depends(_content_conditions)],
    state: Annotated[Conditions, Depends(_state_conditions)],
) -> Conditions:
    """The filters of lists and sums, as conditions on `idea`."""
    return [*content, *state]


IdeaConditions = Annotated[Conditions, Depends(_conditions)]


def _promised(days: int) -> datetime:
    """Whoever submitted an idea before this moment should have had an answer."""
    return datetime.now(UTC) - timedelta(days=days)


@router.get(
    "",
    summary="Ideas: accepted ones for everybody, all for viewers of their region",
    **tabular(Page[Idea], 401, 422),
)
async def list_ideas(
    read: Read,
    caller: Caller,
    lang: RequestLanguage,
    conditions: IdeaConditions,
    paging: Paging,
    form: RequestedFormat,
    order: Annotated[Order, _ORDER],
    modified_since: ModifiedSince = None,
) -> Response:
    where = [*conditions, ideas.visible_to(draft_regions(caller))]
    if modified_since:
        where.append(idea.c.changed_at >= modified_since)
    if form is not Format.JSON:
        rows = await ideas.listing(read, where, order, limit=TABLE_ROWS)
        views = [view.model_dump() for view in await views_of(read, rows, lang)]
        return await table_response(record_table("ideas", Idea, views), form, lang)
    page = await _page(read, where, paging, lang, order)
    # Written here: FastAPI would go over each of a hundred ideas three times more.
    return Response(page.model_dump_json(), 200, paging.headers, "application/json")


@router.get(
    "/sums",
    summary="How many ideas, and what became of them",
    responses=problem_responses(401, 403, 422),
)
async def get_idea_sums(
    read: Read, viewer: Viewer, conditions: IdeaConditions, settings: ParticipationOf
) -> Sums:
    """Counts all ideas that the caller may see; those of other regions are not among them."""
    where = [*conditions, lies_in(idea.c.region, draft_regions(viewer))]
    sums = await ideas.triage_sums(read, where)
    days = settings.idea_answer_days
    waiting = await ideas.count(read, [*where, ideas.unanswered(_promised(days))])
    return Sums(**sums.model_dump(), unanswered=waiting, answer_days=days)


@router.get("/{reference}", summary="One idea", responses=problem_responses(401, 404))
async def get_idea(
    reference: Reference, response: Response, read: Read, caller: Caller, lang: RequestLanguage
) -> Idea:
    row = await _find(read, reference)
    if not (caller.may_read_drafts(row.region) or row.accepted):
        raise no_idea(reference)
    return await answered(read, row, lang, response, reader_of(caller))


@router.get(
    "/{reference}/state", summary="What became of an idea", responses=problem_responses(404)
)
async def get_idea_state(reference: Reference, read: Read, lang: RequestLanguage) -> IdeaState:
    """For anybody who knows the reference, without an account. The text is not shown."""
    row = await _find(read, reference)
    into = row.merged_into_reference
    target = await ideas.find(read, into) if into else None
    own = [row.id, *([target.id] if target else [])]
    measures = await ideas.measures_of(read, own, PUBLIC)
    of_both = dict.fromkeys(one for identity in own for one in measures.get(identity, []))
    return state_view(row, target, list(of_both), lang)


measure_router = APIRouter(prefix="/v1/measures", tags=["ideas"])


@measure_router.get(
    "/{measure}/ideas",
    summary="The ideas a measure came from",
    responses=problem_responses(401, 422),
)
async def list_measure_ideas(
    measure: UUID, read: Read, caller: Caller, lang: RequestLanguage, paging: Paging
) -> Page[Idea]:
    """The other side of an idea's `measures`. A measure that is not published has none for the
    public."""
    seen = ideas.visible_to(draft_regions(caller))
    where = [ideas.part_of(measure, reader_of(caller)), seen]
    return await _page(read, where, paging, lang)


async def _find(read: AsyncConnection, reference: str) -> IdeaRow:
    canonical = canonical_reference(reference)
    row = await ideas.find(read, canonical) if canonical else None
    if row is None:
        raise no_idea(reference)
    return row


async def _page(
    read: AsyncConnection,
    where: Sequence[ColumnElement[bool]],
    paging: PageRequest,
    lang: Lang,
    order: Order = _IN_ORDER,
) -> Page[Idea]:
    after = check_key(paging.after, datetime, UUID)
    rows = await ideas.listing(read, where, order, limit=paging.limit + 1, after=after)
    page, cursor = paging.cut(rows, [order.name, "id"])
    return Page(items=await views_of(read, page, lang), next=cursor)


async def views_of(
    read: AsyncConnection, rows: Sequence[IdeaRow], lang: Lang, reader: Reader = PUBLIC
) -> list[Idea]:
    """Measures are shown as the reader sees them: in lists as the public does."""
    measures = await ideas.measures_of(read, [row.id for row in rows], reader)
    return [idea_view(row, measures.get(row.id, []), lang) for row in rows]


async def answered(
    read: AsyncConnection, row: IdeaRow, lang: Lang, response: Response, reader: Reader
) -> Idea:
    """One idea with its own ETag (for `If-Match`) and a suffix for what stands beside it: language,
    titles of measures."""
    (view,) = await views_of(read, [row], lang, reader)
    digest = blake2b(view.model_dump_json().encode(), digest_size=6).hexdigest()
    response.headers["ETag"] = etag_of(row, lang + digest)
    return view
