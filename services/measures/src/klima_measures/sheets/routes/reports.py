"""Routes on which the controlling service tells what it knows about a measure (role `service`)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from klima_measures.sheets.actions import reports as reported
from klima_measures.sheets.actions import writing as measures
from klima_measures.sheets.model.rows import Evaluation, StatusReport
from klima_measures.sheets.shapes.measures import Published
from klima_shared.database.connections import Write
from klima_shared.http.auth import ServiceCaller
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["workflow"])
_WRITE = problem_responses(401, 403, 404, 409, 422)
_EVALUATION = {
    "evaluated_on": "2026-11-02",
    "by": "Controlling des Kreises",
    "reference": "evaluation 0b54…",
    "summary": "",
}
_REPORT = {"reported_on": "2026-07-01", "assessment": "at_risk", "text": ""}


def _state(head: dict[str, object]) -> Published:
    names = ("id", "revision", "editorial", "phase", "published_revision", "published_at")
    return Published.model_validate({name: head[name] for name in names})


@router.post(
    "/evaluations",
    summary="Note that a measure was evaluated",
    status_code=201,
    response_model=Published,
    responses=_WRITE,
)
async def note_evaluation(
    connection: Write,
    caller: ServiceCaller,
    idempotency: Idempotency,
    measure_id: UUID,
    evaluation: Annotated[
        Evaluation, Body(openapi_examples={"evaluation": {"value": _EVALUATION}})
    ],
) -> Response:
    """The evaluation itself is in the controlling service; `completed` needs the note. Repeating it
    changes nothing."""

    async def action() -> Created:
        head = await reported.add_evaluation(connection, caller, measure_id, evaluation)
        return Created(
            _state(head), location=f"/v1/measures/{measure_id}", etag=measures.etag_of(head)
        )

    return await idempotency.run(connection, action)


@router.post(
    "/status-reports",
    summary="Note how a measure is judged to go",
    status_code=201,
    response_model=Published,
    responses=_WRITE,
)
async def note_status_report(
    connection: Write,
    caller: ServiceCaller,
    idempotency: Idempotency,
    measure_id: UUID,
    report: Annotated[StatusReport, Body(openapi_examples={"report": {"value": _REPORT}})],
) -> Response:
    """The progress report itself is in the controlling service; the status of the measure follows
    from the note."""

    async def action() -> Created:
        head = await reported.add_status_report(connection, caller, measure_id, report)
        return Created(
            _state(head), location=f"/v1/measures/{measure_id}", etag=measures.etag_of(head)
        )

    return await idempotency.run(connection, action)
