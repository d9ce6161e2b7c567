"""Submitting an idea, by anybody."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from klima_measures.base.model.texts import MAX_IDEA
from klima_measures.base.routes import balance_of, context_of
from klima_measures.participation.actions.submission import check_field, store, submit
from klima_measures.participation.actions.workshops import check_workshop
from klima_measures.participation.model.codes import IdeaChannel
from klima_measures.participation.model.ideas import NewIdea
from klima_measures.participation.routes.context import (
    CallerAddress,
    CountedRoute,
    ParticipationOf,
    RateLimitOf,
    RegionCheckOf,
)
from klima_measures.participation.shapes.ideas import CONSENT, IdeaForm, IdeaIn, IdeaReceipt
from klima_shared.codes.access import Role
from klima_shared.database.connections import Write, database_of
from klima_shared.http.auth import Caller
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.revisions.entities import Values
from klima_shared.revisions.writing import Writer

router = APIRouter(prefix="/v1/ideas", tags=["ideas"], route_class=CountedRoute)


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
    rate_limit: RateLimitOf,
    address: CallerAddress,
    region_check: RegionCheckOf,
    settings: ParticipationOf,
    idempotency: Idempotency,
) -> Response:
    """The idea is public only after moderation. Nothing about the caller is stored; too many ideas
    from one connection within an hour are refused (429), editors of the region excepted.
    """
    now = datetime.now(UTC)
    editor = not caller.anonymous and caller.may(Role.EDITOR, body.region)
    if not editor and (
        body.channel not in {None, IdeaChannel.ONLINE} or body.workshop or body.topic
    ):
        caller.require(Role.EDITOR, body.region)
    database = database_of(request)
    check_field(context_of(request), body.field)
    new = NewIdea(
        region=body.region,
        text=body.text,
        channel=body.channel or (IdeaChannel.WORKSHOP if body.workshop else IdeaChannel.ONLINE),
        consent_version=settings.idea_consent_version,
        changed_by=caller.subject,
        field=body.field,
        author_group=body.group,
        topic=body.topic,
        workshop_id=body.workshop,
    )
    await region_check.learn(database, balance_of(request), body.region)
    if editor:
        region_check.check(body.region)
        async with database.write() as write:
            writer = Writer(write, caller, database.metadata)
            if body.workshop:
                await check_workshop(writer, body.workshop, body.region)

            async def action() -> Created:
                return _receipt(await store(writer, new))

            return await idempotency.run(write, action)

    async def key(idea: NewIdea) -> Values:
        return await idempotency.values(_receipt(idea).response())

    async with database.single() as single:
        await rate_limit.check_form(single, body.form_token, now)
        region_check.check(body.region)
        quota = await rate_limit.quota(single, address, now)
        if await submit(single, caller, new, quota, key):
            return _receipt(new).response()
        earlier = await idempotency.replay(single)
    if earlier is None:
        raise rate_limit.refuse(now)
    return earlier


def _receipt(idea: NewIdea) -> Created:
    receipt = IdeaReceipt(reference=idea.reference, state=idea.moderation.value)
    return Created(receipt, location=f"/v1/ideas/{idea.reference}/state")


@router.get(
    "/form", summary="What a page needs to offer the hand-in form", responses=problem_responses()
)
async def get_idea_form(
    write: Write,
    response: Response,
    rate_limit: RateLimitOf,
    settings: ParticipationOf,
    lang: RequestLanguage,
) -> IdeaForm:
    token = await rate_limit.form_token(write, datetime.now(UTC))
    response.headers["Cache-Control"] = "no-store"
    return IdeaForm(
        consent_text=CONSENT.get(lang),
        consent_version=settings.idea_consent_version,
        max_characters=MAX_IDEA,
        form_token=token,
        trap_field="website",
    )
