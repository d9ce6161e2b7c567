"""What is decided about ideas: moderation, merging, triage, answers, measures. Managers only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from klima_measures.participation.actions import erasure
from klima_measures.participation.actions import ideas as usecase
from klima_measures.participation.model import Moderation
from klima_measures.participation.queries import ideas
from klima_measures.participation.routes.ideas import variant_etag
from klima_measures.participation.shapes.decisions import (
    AnswerIn,
    ErasureIn,
    LinkIn,
    MergeIn,
    ModerationIn,
    TriageIn,
)
from klima_measures.participation.shapes.ideas import Erasure, Idea, TellReceiver, idea_view
from klima_shared.database.connections import Write, WriteConnection
from klima_shared.http.auth import Editor, Manager
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.problems import invalid_at, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Text

router = APIRouter(prefix="/v1/ideas/{reference}", tags=["ideas"])
_problems = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)


@router.post(
    "/moderation", summary="Accept an idea or refuse it with a reason", responses=_problems
)
async def moderate_idea(
    reference: str,
    body: ModerationIn,
    manager: Manager,
    if_match: RequiredIfMatch,
    write: Write,
    lang: ReaderLang,
    response: Response,
) -> Idea:
    if body.state not in {Moderation.ACCEPTED, Moderation.REJECTED}:
        raise invalid_at("/body/state", Text("accepted or rejected is expected."))
    row = await usecase.moderate(write, manager, reference, if_match, body.state, body.reason)
    return await _answered(write, row, lang, response)


@router.post("/merge", summary="Let an idea go on in another one", responses=_problems)
async def merge_idea(
    reference: str,
    body: MergeIn,
    manager: Manager,
    if_match: RequiredIfMatch,
    write: Write,
    lang: ReaderLang,
    response: Response,
) -> Idea:
    row = await usecase.merge(write, manager, reference, if_match, body.into, body.reason)
    return await _answered(write, row, lang, response)


@router.post("/triage", summary="Decide whose idea it is", responses=_problems)
async def triage_idea(
    reference: str,
    body: TriageIn,
    manager: Manager,
    if_match: RequiredIfMatch,
    write: Write,
    lang: ReaderLang,
    response: Response,
) -> Idea:
    row = await usecase.decide(write, manager, reference, if_match, body.triage, body.reason)
    return await _answered(write, row, lang, response)


@router.put("/answer", summary="Tell the public what becomes of it", responses=_problems)
async def answer_idea(
    reference: str,
    body: AnswerIn,
    manager: Manager,
    if_match: RequiredIfMatch,
    write: Write,
    lang: ReaderLang,
    response: Response,
) -> Idea:
    row = await usecase.answer(write, manager, reference, if_match, body.answer)
    return await _answered(write, row, lang, response)


@router.post("/measures", summary="Make the idea part of a measure", responses=_problems)
async def link_idea(
    reference: str,
    body: LinkIn,
    editor: Editor,
    if_match: RequiredIfMatch,
    write: Write,
    lang: ReaderLang,
    response: Response,
) -> Idea:
    row = await usecase.link(write, editor, reference, if_match, body.measure, body.note)
    return await _answered(write, row, lang, response)


@router.delete(
    "/measures/{measure}", summary="Separate an idea from a measure", responses=_problems
)
async def unlink_idea(
    reference: str,
    measure: UUID,
    editor: Editor,
    if_match: RequiredIfMatch,
    write: Write,
    lang: ReaderLang,
    response: Response,
) -> Idea:
    row = await usecase.unlink(write, editor, reference, if_match, measure)
    return await _answered(write, row, lang, response)


async def _answered(
    write: WriteConnection, row: dict[str, Any], lang: Lang, response: Response
) -> Idea:
    measures = await ideas.measures_of(write, [row["id"]], "internal")
    view = idea_view(row, measures.get(row["id"], []), lang)
    response.headers["ETag"] = variant_etag(row, view.model_dump_json(), lang)
    return view


@router.post("/erasure", summary="Delete or pseudonymise an idea on request", responses=_problems)
async def erase_idea(
    reference: str,
    body: ErasureIn,
    manager: Manager,
    if_match: RequiredIfMatch,
    write: Write,
    response: Response,
) -> Erasure:
    """The text goes everywhere: from the idea, the audit, and files of result packages. Sums and
    the number stay."""
    done = await erasure.erase(
        write, manager, reference, if_match, body.kind, body.request, body.text
    )
    response.headers["ETag"] = usecase.etag_of(done.row)
    told = [
        TellReceiver(
            workshop=one["workshop_id"], version=one["version"], recipient=one["recipient"]
        )
        for one in done.packages
    ]
    return Erasure(
        reference=done.row["reference"],
        kind=body.kind,
        erased_at=done.row["erased_at"],
        receivers_to_tell=told,
    )
