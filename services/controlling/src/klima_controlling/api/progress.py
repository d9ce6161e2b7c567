"""Progress reports and evaluations of a measure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_controlling.api.common import CHECKED
from klima_controlling.domain.codes import Assessment, Conclusion, CostKind, Evidence
from klima_controlling.storage import progress as queries
from klima_controlling.storage.records import evaluation, progress_report
from klima_controlling.usecases import progress as usecases
from klima_controlling.usecases.frame import frame_of
from klima_shared.auth import Caller, Editor, Manager, Principal
from klima_shared.codes import Carrier, Sector
from klima_shared.database import Read, database_of
from klima_shared.etags import RequiredIfMatch
from klima_shared.idempotency import Created, Idempotency
from klima_shared.pages import Page, Paging, check_key, link_next
from klima_shared.problems import problem_responses
from klima_shared.types import Finite, NonNegativeMoney, Year
from klima_shared.validation import TextError

router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["progress"], dependencies=CHECKED)
Words = Annotated[str, Field(max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=300)]
_REPORT: dict[str, Any] = {
    "period": "2026-H1", "reported_on": "2026-07-15", "assessment": "at_risk",
    "text": "Die Rangfolge der Lücken ist beschlossen, der Sammelantrag steht aus (Beispiel).",
    "obstacles": "Grunderwerb", "steps_done": ["Rangfolge beschlossen"],
    "costs": [{"year": 2026, "kind": "external", "amount_eur": "12500.00"}], "staff_days": "14.5",
    "savings": [{"year": 2026, "sector": "transport", "emissions_t_co2e": 35.0, "evidence": "C",
                 "source": "Zählstellen"}],
}  # fmt: skip
_EVALUATION: dict[str, Any] = {
    "evaluator": "Controlling des Kreises", "evaluated_on": "2026-11-02",
    "evidence": [{"title": "Schlussrechnung (Beispiel)", "grade": "A"}],
    "comparison": {"cost": {"planned": 40000.0, "actual": 38200.0, "unit": "EUR"}},
    "lesson": "Früh mit dem Grunderwerb beginnen.", "conclusion": "continue",
    "conclusion_owner": "Klimaschutzmanagement", "conclusion_due": "2027-03-31",
}  # fmt: skip


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ActualCost(Body):
    year: Year
    kind: CostKind
    amount_eur: NonNegativeMoney


class AchievedSaving(Body):
    """A saving is only achieved with evidence for it; without, it is a plan."""

    year: Year
    sector: Sector | None = None
    carrier: Carrier | None = None
    final_energy_mwh: Finite | None = None
    emissions_t_co2e: Finite | None = None
    evidence: Evidence
    source: Name
    overlap_group: str | None = Field(default=None, max_length=60)
    affects_bisko: bool = True

    @model_validator(mode="after")
    def _says_something(self) -> AchievedSaving:
        if self.final_energy_mwh is None and self.emissions_t_co2e is None:
            raise TextError("Eine Einsparung nennt MWh oder t CO2e.", "A saving names MWh or t CO2e.")
        return self


class NewReport(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_REPORT]})

    period: str = Field(pattern=r"^20\d{2}-(H[12]|Q[1-4])$", description="half a year by default: 2026-H1")
    reported_on: date
    assessment: Assessment
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    obstacles: Words = Field(default="", description="internal")
    decision_needed: Words = Field(default="", description="internal")
    steps_done: list[Name] = Field(default_factory=list, max_length=100)
    costs: list[ActualCost] = Field(default_factory=list, max_length=100)
    staff_days: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)] | None = None
    savings: list[AchievedSaving] = Field(default_factory=list, max_length=100)


class ReportAnswer(NewReport):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    measure_id: UUID
    region: str
    revision: int
    told: bool = Field(description="whether the measures service has taken note")
    created_at: datetime
    changed_at: datetime


class EvidenceBody(Body):
    title: Name
    grade: Evidence
    url: str | None = Field(default=None, max_length=400, pattern="^https?://")


class Compared(Body):
    planned: Finite | None
    actual: Finite | None
    unit: str = Field(max_length=40)
    note: str = Field(default="", max_length=1000)


class ComparisonBody(Body):
    """Planned against actual; null: not known, which is not zero."""

    cost: Compared | None = None
    time: Compared | None = None
    effect: Compared | None = None


class NewEvaluation(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EVALUATION]})

    evaluator: Name = Field(description="function or organisation, not a person")
    evaluated_on: date
    evidence: list[EvidenceBody] = Field(min_length=1, max_length=50, description="an evaluation rests on something")
    comparison: ComparisonBody
    lesson: Annotated[str, Field(min_length=1, max_length=10_000)]
    conclusion: Conclusion
    conclusion_owner: Name
    conclusion_due: date


class EvaluationAnswer(NewEvaluation):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    measure_id: UUID
    region: str
    told: bool = Field(description="whether the measures service has taken note; it needs that for `completed`")
    created_at: datetime


def _report(row: dict[str, Any], caller: Principal) -> ReportAnswer:
    """What is internal is left out for those who may not read drafts."""
    hidden = {} if caller.may_read_drafts(row["region"]) else {"obstacles": "", "decision_needed": ""}
    return ReportAnswer(**{**row, **hidden}, told=row["told_at"] is not None)


def _evaluation(row: dict[str, Any]) -> EvaluationAnswer:
    return EvaluationAnswer(**row, told=row["told_at"] is not None)


@router.get(
    "/progress-reports", summary="Progress reports, newest first", responses=problem_responses(401, 404, 422, 503)
)
async def list_progress_reports(
    request: Request, response: Response, measure_id: UUID, read: Read, caller: Caller, page: Paging
) -> Page[ReportAnswer]:
    """Obstacles and needed decisions are internal: viewers of the region see them."""
    await usecases.measure_of(frame_of(request), measure_id)
    after = check_key(page.after, datetime, UUID)
    rows = await queries.of_measure(read, progress_report, measure_id, limit=page.limit + 1, after=after)
    shown, cursor = page.cut(rows, ["created_at", "id"])
    link_next(request, response, cursor)
    return Page(items=[_report(row, caller) for row in shown], next=cursor)


@router.post("/progress-reports", summary="Report on a period", status_code=201, response_model=ReportAnswer,
             responses=problem_responses(400, 401, 403, 404, 409, 422, 503))  # fmt: skip
async def create_progress_report(
    request: Request, measure_id: UUID, body: NewReport, editor: Editor, idempotency: Idempotency
) -> Response:
    """One report a period. The measures service is told the assessment after the report is stored."""
    frame, database = frame_of(request), database_of(request)
    made: list[dict[str, Any]] = []

    # Committed before it is told: what was told can't be taken back.
    async with database.write() as write:

        async def action() -> Created:
            row = await usecases.report(write, editor, frame, measure_id, body.model_dump(mode="json"))
            made.append(row)
            location = f"/v1/measures/{measure_id}/progress-reports"
            return Created(_report(row, editor), location=location, etag=usecases.etag_of(row))

        response = await idempotency.run(write, action)
    for row in made:
        await usecases.tell(database, frame, progress_report, row)
    return response


@router.get("/progress-reports/{report_id}", summary="One progress report", responses=problem_responses(401, 404, 422))
async def get_progress_report(
    response: Response, measure_id: UUID, report_id: UUID, read: Read, caller: Caller
) -> ReportAnswer:
    row = await queries.find(read, progress_report, report_id)
    if row is None or row["measure_id"] != measure_id:
        raise usecases.no_report()
    answer = _report(row, caller)
    inside = caller.may_read_drafts(row["region"])
    response.headers["ETag"] = usecases.etag_of(row) if inside else usecases.etag_of(row)[:-1] + ';public"'
    return answer


@router.put("/progress-reports/{report_id}", summary="Correct a progress report",
            responses=problem_responses(400, 401, 403, 404, 412, 422, 428))  # fmt: skip
async def replace_progress_report(
    request: Request, response: Response, measure_id: UUID, report_id: UUID, body: NewReport, editor: Editor,
    if_match: RequiredIfMatch,
) -> ReportAnswer:  # fmt: skip
    frame, database = frame_of(request), database_of(request)
    async with database.write() as write:
        values = body.model_dump(mode="json")
        row = await usecases.change_report(write, editor, measure_id, report_id, values, if_match)
    await usecases.tell(database, frame, progress_report, row)
    response.headers["ETag"] = usecases.etag_of(row)
    return _report(row, editor)


@router.get("/evaluations", summary="Evaluations, newest first", responses=problem_responses(401, 404, 422, 503))
async def list_evaluations(
    request: Request, response: Response, measure_id: UUID, read: Read, page: Paging
) -> Page[EvaluationAnswer]:
    await usecases.measure_of(frame_of(request), measure_id)
    after = check_key(page.after, datetime, UUID)
    rows = await queries.of_measure(read, evaluation, measure_id, limit=page.limit + 1, after=after)
    shown, cursor = page.cut(rows, ["created_at", "id"])
    link_next(request, response, cursor)
    return Page(items=[_evaluation(row) for row in shown], next=cursor)


@router.post("/evaluations", summary="Evaluate a measure", status_code=201, response_model=EvaluationAnswer,
             responses=problem_responses(400, 401, 403, 404, 409, 422, 503))  # fmt: skip
async def create_evaluation(
    request: Request, measure_id: UUID, body: NewEvaluation, manager: Manager, idempotency: Idempotency
) -> Response:
    """Planned against actual, with evidence and a conclusion. The measures service is told, and lets the measure be
    completed; while it can't be asked, `told` is false and it is told later.
    """
    frame, database = frame_of(request), database_of(request)
    made: list[dict[str, Any]] = []
    async with database.write() as write:

        async def action() -> Created:
            row = await usecases.evaluate(write, manager, frame, measure_id, body.model_dump(mode="json"))
            made.append(row)
            return Created(_evaluation(row), location=f"/v1/measures/{measure_id}/evaluations")

        response = await idempotency.run(write, action)
    for row in made:
        await usecases.tell(database, frame, evaluation, row)
    return response
