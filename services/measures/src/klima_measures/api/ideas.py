"""Ideas: hand-in by anybody, lists, and the state for whoever knows a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from klima_measures.api.idea_filter import IdeaQuery, visible_to
from klima_measures.api.idea_shapes import (
    CONSENT,
    Idea,
    IdeaForm,
    IdeaIn,
    IdeaReceipt,
    IdeaState,
    Sums,
    idea_view,
    state_view,
)
from klima_measures.api.participation_context import CallerAddress, CallersOf, ParticipationOf, PlacesOf
from klima_measures.domain.participation_codes import IdeaChannel, Moderation
from klima_measures.domain.references import canonical_reference
from klima_measures.domain.texts import MAX_IDEA
from klima_measures.storage import ideas
from klima_measures.storage.tables.participation import idea
from klima_measures.storage.visibility import draft_prefixes, within
from klima_measures.usecases.frame import frame_of
from klima_measures.usecases.hand_in import NewIdea, check_field, check_workshop, hand_in, store
from klima_measures.usecases.ideas import no_idea
from klima_shared.auth import Caller, Principal, Viewer
from klima_shared.codes import Role
from klima_shared.database import Read, Write
from klima_shared.etags import revision_etag
from klima_shared.i18n import Lang
from klima_shared.idempotency import Created, Idempotency
from klima_shared.pages import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.problems import problem_responses
from klima_shared.reader import ReaderLang

router = APIRouter(prefix="/v1/ideas", tags=["ideas"])


@router.post(
    "",
    status_code=201,
    summary="Hand in an idea, without an account",
    response_model=IdeaReceipt,
    responses=problem_responses(400, 401, 403, 409, 413, 422, 429),
)
async def create_idea(
    body: IdeaIn,
    request: Request,
    caller: Caller,
    callers: CallersOf,
    address: CallerAddress,
    places: PlacesOf,
    settings: ParticipationOf,
    idempotency: Idempotency,
    write: Write,
) -> Response:
    """The idea is public only after moderation. Nothing about the caller is stored; too many ideas from one connection
    within an hour are refused (429), editors of the region excepted.
    """
    now = datetime.now(UTC)
    editor = not caller.anonymous and caller.may(Role.EDITOR, body.region)
    if not editor and (body.channel not in {None, IdeaChannel.ONLINE} or body.workshop or body.topic):
        caller.require(Role.EDITOR, body.region)
    if not editor:
        await callers.check_form(write, body.form_token, now)
    await places.check(write, body.region)
    check_field(frame_of(request), body.field)
    if body.workshop:
        await check_workshop(write, body.workshop, body.region, "/body/workshop")
    channel = body.channel or (IdeaChannel.WORKSHOP if body.workshop else IdeaChannel.ONLINE)
    new = NewIdea(
        body.region,
        body.text,
        channel,
        settings.idea_consent_version,
        body.field,
        body.group,
        body.topic,
        body.workshop,
    )
    client = None if editor else await callers.client(write, address, callers.window(now).date())

    async def action() -> Created:
        if client is None:
            row = await store(write, caller, new)
        else:
            row = await hand_in(write, caller, new, callers, client, now)
        receipt = IdeaReceipt(reference=row["reference"], state=row["moderation"])
        return Created(receipt, location=f"/v1/ideas/{row['reference']}/state")

    return await idempotency.run(write, action)


@router.get("/form", summary="What a page needs to offer the hand-in form", responses=problem_responses())
async def get_idea_form(
    write: Write, response: Response, callers: CallersOf, settings: ParticipationOf, lang: ReaderLang
) -> IdeaForm:
    token = await callers.form_token(write, datetime.now(UTC))
    response.headers["Cache-Control"] = "no-store"
    return IdeaForm(
        consent_text=CONSENT.get(lang),
        consent_version=settings.idea_consent_version,
        max_characters=MAX_IDEA,
        form_token=token,
        trap_field="website",
    )


@router.get(
    "",
    summary="Ideas: accepted ones for everybody, all for viewers of their region",
    responses=problem_responses(401, 422),
)
async def list_ideas(
    request: Request,
    response: Response,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    asked: IdeaQuery,
    paging: Paging,
    modified_since: ModifiedSince = None,
) -> Page[Idea]:
    after = check_key(paging.after, datetime, UUID)
    where = [*asked.where, visible_to(caller)]
    if modified_since:
        where.append(idea.c.changed_at >= modified_since)
    rows, cursor = paging.cut(
        await ideas.listing(read, where, limit=paging.limit + 1, after=after), ["created_at", "id"]
    )
    link_next(request, response, cursor)
    measures = await ideas.measures_of(read, [row["id"] for row in rows], audience_of(caller, None))
    return Page(items=[idea_view(row, measures.get(row["id"], []), lang) for row in rows], next=cursor)


@router.get("/sums", summary="How many ideas, and what became of them", responses=problem_responses(401, 403, 422))
async def get_idea_sums(read: Read, viewer: Viewer, asked: IdeaQuery, settings: ParticipationOf) -> Sums:
    """Counts all ideas that the caller may see; those of other regions are not among them."""
    where = [*asked.where, within(idea.c.region, draft_prefixes(viewer))]
    found = await ideas.triage_sums(read, where)
    before = datetime.now(UTC) - timedelta(days=settings.idea_answer_days)
    waiting = await ideas.count(read, [*where, ideas.unanswered(before)])
    return Sums(**asdict(found), unanswered=waiting, answer_days=settings.idea_answer_days)


@router.get("/{reference}", summary="One idea", responses=problem_responses(401, 404))
async def get_idea(reference: str, response: Response, read: Read, caller: Caller, lang: ReaderLang) -> Idea:
    canonical = canonical_reference(reference)
    row = await ideas.find(read, canonical) if canonical else None
    inside = row is not None and caller.may_read_drafts(row["region"])
    if row is None or not (inside or (row["moderation"] == Moderation.ACCEPTED.value and row["erased"] != "delete")):
        raise no_idea(reference)
    measures = await ideas.measures_of(read, [row["id"]], audience_of(caller, row["region"]))
    view = idea_view(row, measures.get(row["id"], []), lang)
    response.headers["ETag"] = variant_etag(row, view.model_dump_json(), lang)
    return view


@router.get("/{reference}/state", summary="What became of an idea", responses=problem_responses(404))
async def get_idea_state(reference: str, read: Read, lang: ReaderLang) -> IdeaState:
    """For anybody who knows the reference, without an account. The text is not shown."""
    canonical = canonical_reference(reference)
    row = await ideas.find(read, canonical) if canonical else None
    if row is None:
        raise no_idea(reference)
    target = await ideas.find(read, row["merged_into_reference"]) if row["merged_into_reference"] else None
    own = [row["id"], *([target["id"]] if target else [])]
    measures = await ideas.measures_of(read, own, "public")
    lines = {line["id"]: line for identity in own for line in measures.get(identity, [])}
    return state_view(row, target, list(lines.values()), lang)


def audience_of(caller: Principal, region: str | None) -> str:
    """Measures are shown as the public sees them, except to those who may read the region's drafts."""
    return "internal" if region is not None and caller.may_read_drafts(region) else "public"


def variant_etag(row: Mapping[str, Any], content: str, lang: Lang) -> str:
    """The idea's own ETag (for `If-Match`) with a suffix for what stands beside it: language, titles of measures."""
    return revision_etag(
        f"idea {row['id']}", row["revision"], lang + blake2b(content.encode(), digest_size=6).hexdigest()
    )
