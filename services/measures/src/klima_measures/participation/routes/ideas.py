"""Ideas as they are read: lists, sums, one idea, and the state for whoever knows a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement

from klima_measures.base.queries.visibility import draft_prefixes, within
from klima_measures.participation.actions.ideas import no_idea
from klima_measures.participation.model import Moderation
from klima_measures.participation.queries import ideas
from klima_measures.participation.routes.context import ParticipationOf
from klima_measures.participation.routes.filters import IdeaQuery, visible_to
from klima_measures.participation.rules.references import canonical_reference
from klima_measures.participation.shapes.ideas import Idea, IdeaState, Sums, idea_view, state_view
from klima_measures.participation.tables import idea
from klima_measures.records.files import record_table
from klima_measures.records.routes import TABLE_ROWS
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.formats import Format, RequestedFormat, table_response, table_responses
from klima_shared.http.auth import Caller, Principal, Viewer
from klima_shared.http.etags import revision_etag
from klima_shared.http.paging import ModifiedSince, Page, PageRequest, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang

router = APIRouter(prefix="/v1/ideas", tags=["ideas"])


@router.get(
    "",
    summary="Ideas: accepted ones for everybody, all for viewers of their region",
    response_model=Page[Idea],
    responses={**problem_responses(401, 422), **table_responses()},
)
async def list_ideas(
    request: Request,
    response: Response,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    asked: IdeaQuery,
    paging: Paging,
    form: RequestedFormat,
    modified_since: ModifiedSince = None,
) -> Any:
    where = [*asked.where, visible_to(caller)]
    if modified_since:
        where.append(idea.c.changed_at >= modified_since)
    if form is not Format.JSON:
        rows = await ideas.listing(read, where, limit=TABLE_ROWS)
        measures = await ideas.measures_of(
            read, [row["id"] for row in rows], audience_of(caller, None)
        )
        views = [idea_view(row, measures.get(row["id"], []), lang).model_dump() for row in rows]
        return await table_response(record_table("ideas", Idea, views), form, lang)
    return await _page(request, response, read, caller, lang, where, paging)


@router.get(
    "/sums",
    summary="How many ideas, and what became of them",
    responses=problem_responses(401, 403, 422),
)
async def get_idea_sums(
    read: Read, viewer: Viewer, asked: IdeaQuery, settings: ParticipationOf
) -> Sums:
    """Counts all ideas that the caller may see; those of other regions are not among them."""
    where = [*asked.where, within(idea.c.region, draft_prefixes(viewer))]
    found = await ideas.triage_sums(read, where)
    before = datetime.now(UTC) - timedelta(days=settings.idea_answer_days)
    waiting = await ideas.count(read, [*where, ideas.unanswered(before)])
    return Sums(**asdict(found), unanswered=waiting, answer_days=settings.idea_answer_days)


@router.get("/{reference}", summary="One idea", responses=problem_responses(401, 404))
async def get_idea(
    reference: str, response: Response, read: Read, caller: Caller, lang: ReaderLang
) -> Idea:
    canonical = canonical_reference(reference)
    row = await ideas.find(read, canonical) if canonical else None
    inside = row is not None and caller.may_read_drafts(row["region"])
    if row is None or not (
        inside or (row["moderation"] == Moderation.ACCEPTED.value and row["erased"] != "delete")
    ):
        raise no_idea(reference)
    measures = await ideas.measures_of(read, [row["id"]], audience_of(caller, row["region"]))
    view = idea_view(row, measures.get(row["id"], []), lang)
    response.headers["ETag"] = variant_etag(row, view.model_dump_json(), lang)
    return view


@router.get(
    "/{reference}/state", summary="What became of an idea", responses=problem_responses(404)
)
async def get_idea_state(reference: str, read: Read, lang: ReaderLang) -> IdeaState:
    """For anybody who knows the reference, without an account. The text is not shown."""
    canonical = canonical_reference(reference)
    row = await ideas.find(read, canonical) if canonical else None
    if row is None:
        raise no_idea(reference)
    target = (
        await ideas.find(read, row["merged_into_reference"])
        if row["merged_into_reference"]
        else None
    )
    own = [row["id"], *([target["id"]] if target else [])]
    measures = await ideas.measures_of(read, own, "public")
    lines = {line["id"]: line for identity in own for line in measures.get(identity, [])}
    return state_view(row, target, list(lines.values()), lang)


measure_router = APIRouter(prefix="/v1/measures", tags=["ideas"])


@measure_router.get(
    "/{measure}/ideas",
    summary="The ideas a measure came from",
    responses=problem_responses(401, 422),
)
async def list_measure_ideas(
    measure: UUID,
    request: Request,
    response: Response,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    paging: Paging,
) -> Page[Idea]:
    """The other side of an idea's `measures`. A measure that is not published has none for the
    public."""
    where = [
        ideas.part_of(measure, "internal" if draft_prefixes(caller) else "public"),
        visible_to(caller),
    ]
    return await _page(request, response, read, caller, lang, where, paging)


async def _page(
    request: Request,
    response: Response,
    read: ReadConnection,
    caller: Principal,
    lang: Lang,
    where: list[ColumnElement[bool]],
    paging: PageRequest,
) -> Page[Idea]:
    after = check_key(paging.after, datetime, UUID)
    rows = await ideas.listing(read, where, limit=paging.limit + 1, after=after)
    page, cursor = paging.cut(rows, ["created_at", "id"])
    link_next(request, response, cursor)
    measures = await ideas.measures_of(read, [row["id"] for row in page], audience_of(caller, None))
    return Page(
        items=[idea_view(row, measures.get(row["id"], []), lang) for row in page], next=cursor
    )


def audience_of(caller: Principal, region: str | None) -> str:
    """Measures are shown as the public sees them, except to those who may read the region's
    drafts."""
    return "internal" if region is not None and caller.may_read_drafts(region) else "public"


def variant_etag(row: Mapping[str, Any], content: str, lang: Lang) -> str:
    """The idea's own ETag (for `If-Match`) with a suffix for what stands beside it: language,
    titles of measures."""
    return revision_etag(
        f"idea {row['id']}",
        row["revision"],
        lang + blake2b(content.encode(), digest_size=6).hexdigest(),
    )
