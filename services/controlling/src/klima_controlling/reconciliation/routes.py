"""Top-down beside bottom-up, and the audit cycle that follows from it."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_controlling.base.model import CycleStage, Severity
from klima_controlling.base.routes import CHECKED, AgsPath, context_of, create_after_asking
from klima_controlling.base.shapes import MeasureId, row_of
from klima_controlling.reconciliation import actions, queries
from klima_controlling.reconciliation.rules import Sum
from klima_controlling.upstream.actions import sheet_of
from klima_controlling.upstream.shapes import meta_of
from klima_shared.codes.access import Role
from klima_shared.codes.quantities import Year, YearParam
from klima_shared.database.connections import Read, database_of
from klima_shared.http.auth import Editor, Viewer
from klima_shared.http.dates import IsoDate
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.http.validation import StrictBody
from klima_shared.language.text import Text
from klima_shared.revisions.dependencies import EditorWriter
from klima_shared.revisions.writing import Writer
from klima_shared.wire.meta import Meta, NoNext

router = APIRouter(prefix="/v1", tags=["reconciliation"], dependencies=CHECKED)
Words = Annotated[str, Field(min_length=1, max_length=10_000)]


class SumAnswer(BaseModel):
    t_co2e: float | None = Field(description="a year; null: not one figure is known")
    measures: int
    not_counted: int = Field(description="rows contained in a larger one of their overlap group")


class SavingLine(BaseModel):
    measure_id: str
    number: str
    title: str
    sector: str | None
    t_co2e: float
    overlap_group: str | None
    counted: bool
    evidence: str | None


class ReconciliationAnswer(BaseModel):
    """The balance's change and the sums of savings stand side by side; they are never added."""

    region: str
    from_year: int | None
    to_year: int | None
    top_down_change_t_co2e: float | None = Field(
        description="later minus earlier balance; below 0: less is emitted"
    )
    bottom_up_effective: SumAnswer = Field(
        description="stated savings of measures under way or completed"
    )
    bottom_up_planned: SumAnswer = Field(description="stated savings of measures not begun")
    bottom_up_achieved: SumAnswer = Field(description="reported as achieved, with evidence")
    beside_bisko: SumAnswer = Field(description="savings that the BISKO balance does not show")
    measures_not_quantified: int
    explanation: str
    lines: list[SavingLine]
    stale_since: datetime | None
    meta: Meta


class NewNote(StrictBody):
    year: Year
    stage: CycleStage
    text: Words
    severity: Severity | None = Field(default=None, description="of a finding; null: a note")


class NewAction(StrictBody):
    title: Annotated[str, Field(min_length=1, max_length=300)]
    owner: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="function, not a person"
    )
    due: IsoDate
    measure_id: MeasureId | None = None
    done_on: IsoDate | None = None


class ActionAnswer(NewAction):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    note_id: UUID


class NoteAnswer(NewNote):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    region: str
    created_at: datetime
    actions: list[ActionAnswer] = Field(default_factory=list)


class CycleAnswer(BaseModel):
    items: list[NoteAnswer]
    next: NoNext = None


def _sum(found: Sum) -> SumAnswer:
    return SumAnswer(**asdict(found))


@router.get(
    "/reconciliation/{ags}",
    summary="Balance and measures side by side",
    responses=problem_responses(404, 422, 503),
)
async def get_reconciliation(
    request: Request, ags: AgsPath, read: Read, lang: RequestLanguage
) -> ReconciliationAnswer:
    """What the balance changed by, and what measures save; savings of one overlap group are counted
    once."""
    context = context_of(request)
    state, sheets = await actions.state_and_sheets(context, ags)
    found = await actions.reconciliation(read, state, sheets.sheets)
    since = [s for s in (state.stale_since, sheets.stale_since) if s is not None]
    explanation = Text(
        "The balance also changes with weather, economy, inhabitants and the federal mix; "
        "measures explain only a part of it. The two figures stand side by side and are never "
        "added."
    )
    return ReconciliationAnswer(
        region=ags,
        from_year=found.from_year,
        to_year=found.to_year,
        top_down_change_t_co2e=found.change_t_co2e,
        bottom_up_effective=_sum(found.effective),
        bottom_up_planned=_sum(found.planned),
        bottom_up_achieved=_sum(found.achieved),
        beside_bisko=_sum(found.beside_bisko),
        measures_not_quantified=found.not_quantified,
        explanation=explanation.get(lang),
        lines=[
            SavingLine(**asdict(saving), measure_id=saving.measure, counted=counted)
            for saving, counted in found.lines
        ],
        stale_since=min(since, default=None),
        meta=meta_of(state, context, lang),
    )


@router.get(
    "/regions/{ags}/audit-cycle",
    summary="Plan, do, check, act: notes, findings, corrective actions",
    responses=problem_responses(401, 403, 422),
)
async def list_audit_cycle(
    ags: AgsPath,
    read: Read,
    viewer: Viewer,
    year: Annotated[YearParam | None, Query(examples=[2026])] = None,
) -> CycleAnswer:
    """Internal: for viewers of the region."""
    viewer.require(Role.VIEWER, ags)
    notes, follow_ups = await queries.cycle(read, ags, year)
    return CycleAnswer(
        items=[
            NoteAnswer(
                **asdict(note),
                actions=[ActionAnswer(**asdict(a)) for a in follow_ups if a.note_id == note.id],
            )
            for note in notes
        ]
    )


@router.post(
    "/regions/{ags}/audit-cycle",
    summary="Add a note or a finding",
    **creating(NoteAnswer, 400, 401, 403, 409, 422),
)
async def create_cycle_note(
    ags: AgsPath, body: NewNote, writer: EditorWriter, idempotency: Idempotency
) -> Response:
    async def action() -> Created:
        row = await actions.add_record(writer, queries.CYCLE_NOTE, ags, row_of(body))
        return Created(NoteAnswer.model_validate(row, from_attributes=True))

    return await idempotency.run(writer.connection, action)


@router.post(
    "/audit-cycle/{note_id}/actions",
    summary="Add a corrective action to a finding",
    **creating(ActionAnswer, 400, 401, 403, 404, 409, 422),
)
async def create_corrective_action(
    request: Request, note_id: UUID, body: NewAction, editor: Editor, idempotency: Idempotency
) -> Response:
    """Linked to a published measure where there is one."""
    context, database = context_of(request), database_of(request)

    async def ask() -> None:
        if body.measure_id is not None:
            await sheet_of(context, body.measure_id)

    async def store(writer: Writer, _: None) -> Created:
        note = await actions.note_of(writer, note_id)
        values = {**body.model_dump(), "note_id": note_id}
        row = await actions.add_record(writer, queries.CORRECTIVE_ACTION, note.region, values)
        return Created(ActionAnswer.model_validate(row, from_attributes=True))

    return await create_after_asking(database, editor, idempotency, ask=ask, store=store)
