"""What is decided about ideas: moderation, merging, triage, answers, measures. Managers only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from klima_measures.base.rules import reader_of
from klima_measures.participation.actions import erasure
from klima_measures.participation.actions import ideas as actions
from klima_measures.participation.model.codes import Moderation
from klima_measures.participation.model.ideas import IdeaRow
from klima_measures.participation.routes.context import Reference
from klima_measures.participation.routes.ideas import answered
from klima_measures.participation.shapes.ideas import (
    AnswerIn,
    Erasure,
    ErasureIn,
    Idea,
    LinkIn,
    MergeIn,
    ModerationIn,
    TellReceiver,
    TriageIn,
)
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import invalid_at, problem_responses
from klima_shared.language.text import Text
from klima_shared.revisions.dependencies import EditorChange, ManagerChange
from klima_shared.revisions.writing import Writer

router = APIRouter(prefix="/v1/ideas/{reference}", tags=["ideas"])
_problems = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)


class _Answering:
    """How the idea is shown to whoever decided."""

    def __init__(self, lang: RequestLanguage, response: Response) -> None:
        self.lang, self.response = lang, response

    async def idea(self, writer: Writer, row: IdeaRow) -> Idea:
        reader = reader_of(writer.principal)
        return await answered(writer.connection, row, self.lang, self.response, reader)


Answering = Annotated[_Answering, Depends()]


@router.post(
    "/moderation", summary="Accept an idea or refuse it with a reason", responses=_problems
)
async def moderate_idea(
    reference: Reference, body: ModerationIn, writer: ManagerChange, answering: Answering
) -> Idea:
    if body.state not in {Moderation.ACCEPTED, Moderation.REJECTED}:
        raise invalid_at("/body/state", Text("accepted or rejected is expected."))
    row = await actions.moderate(writer, reference, body.state, body.reason)
    return await answering.idea(writer, row)


@router.post("/merge", summary="Let an idea go on in another one", responses=_problems)
async def merge_idea(
    reference: Reference, body: MergeIn, writer: ManagerChange, answering: Answering
) -> Idea:
    row = await actions.merge(writer, reference, body.into, body.reason)
    return await answering.idea(writer, row)


@router.post("/triage", summary="Decide whose idea it is", responses=_problems)
async def triage_idea(
    reference: Reference, body: TriageIn, writer: ManagerChange, answering: Answering
) -> Idea:
    row = await actions.triage(writer, reference, body.triage, body.reason)
    return await answering.idea(writer, row)


@router.put("/answer", summary="Tell the public what becomes of it", responses=_problems)
async def answer_idea(
    reference: Reference, body: AnswerIn, writer: ManagerChange, answering: Answering
) -> Idea:
    row = await actions.answer(writer, reference, body.answer)
    return await answering.idea(writer, row)


@router.post("/measures", summary="Make the idea part of a measure", responses=_problems)
async def link_idea(
    reference: Reference, body: LinkIn, writer: EditorChange, answering: Answering
) -> Idea:
    row = await actions.link(writer, reference, body.measure, body.note)
    return await answering.idea(writer, row)


@router.delete(
    "/measures/{measure}", summary="Separate an idea from a measure", responses=_problems
)
async def unlink_idea(
    reference: Reference, measure: UUID, writer: EditorChange, answering: Answering
) -> Idea:
    row = await actions.unlink(writer, reference, measure)
    return await answering.idea(writer, row)


@router.post("/erasure", summary="Delete or pseudonymise an idea on request", responses=_problems)
async def erase_idea(
    reference: Reference, body: ErasureIn, writer: ManagerChange, response: Response
) -> Erasure:
    """The text goes everywhere: from the idea, the audit, and files of result packages. Sums and
    the number stay."""
    erased = await erasure.erase(writer, reference, body.kind, body.request, body.text)
    row = erased.row
    assert row.erased_at is not None  # noqa: S101
    response.headers["ETag"] = actions.etag_of(row)
    receivers = [
        TellReceiver(workshop=one.workshop_id, version=one.version, recipient=one.recipient)
        for one in erased.packages
    ]
    return Erasure(
        reference=row.reference,
        kind=body.kind,
        erased_at=row.erased_at,
        receivers_to_tell=receivers,
    )
