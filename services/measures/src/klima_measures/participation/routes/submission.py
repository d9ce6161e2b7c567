"""Ideas: hand-in by anybody, lists, and the state for whoever knows a reference."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from klima_measures.base.actions.context import frame_of
from klima_measures.base.model.texts import MAX_IDEA
from klima_measures.participation.actions.submission import (
    NewIdea,
    check_field,
    check_workshop,
    hand_in,
    store,
)
from klima_measures.participation.model import IdeaChannel
from klima_measures.participation.routes.context import (
    CallerAddress,
    CallersOf,
    ParticipationOf,
    PlacesOf,
)
from klima_measures.participation.shapes.ideas import CONSENT, IdeaForm, IdeaIn, IdeaReceipt
from klima_shared.codes.lists import Role
from klima_shared.database.connections import Write, database_of
from klima_shared.http.auth import Caller
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.problems import problem_responses
from klima_shared.language.reader import ReaderLang

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
    frame, database = frame_of(request), database_of(request)
    check_field(frame, body.field)
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
    if editor:
        async with database.write() as write:
            await places.check(write, frame, body.region)
            if body.workshop:
                await check_workshop(write, body.workshop, body.region, "/body/workshop")

            async def action() -> Created:
                return _receipt(await store(write, caller, new))

            return await idempotency.run(write, action)

    async def key(row: dict[str, Any]) -> dict[str, Any]:
        return await idempotency.values(_receipt(row).response())

    async with database.single() as single:
        await callers.check_form(single, body.form_token, now)
        await places.check(single, frame, body.region)
        client = await callers.client(single, address, callers.window(now).date())
        row = await hand_in(single, caller, new, callers, client, now, key)
        if row is not None:
            return _receipt(row).response()
        earlier = await idempotency.replay(single)
    if earlier is None:
        raise callers.refuse(now)
    return earlier


def _receipt(row: dict[str, Any]) -> Created:
    receipt = IdeaReceipt(reference=row["reference"], state=row["moderation"])
    return Created(receipt, location=f"/v1/ideas/{row['reference']}/state")


@router.get(
    "/form", summary="What a page needs to offer the hand-in form", responses=problem_responses()
)
async def get_idea_form(
    write: Write,
    response: Response,
    callers: CallersOf,
    settings: ParticipationOf,
    lang: ReaderLang,
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
