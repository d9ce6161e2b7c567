"""Money: planned by concept, budget and supplement, committed, spent; days planned and booked."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_controlling.base.model import BudgetStage, CostKind
from klima_controlling.base.routes import CHECKED, context_of, create_after_asking
from klima_controlling.base.shapes import MeasureId, row_of
from klima_controlling.budget import actions
from klima_controlling.budget.rules import Budget, Line
from klima_controlling.upstream.actions import sheet_of, sheets_of
from klima_controlling.upstream.shapes import meta_of
from klima_shared.codes.access import Role
from klima_shared.codes.quantities import Money, NonNegativeMoney, Year, YearParam
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read, database_of
from klima_shared.formats import (
    Column,
    Format,
    Kind,
    RequestedFormat,
    Table,
    table_response,
    tabular,
)
from klima_shared.http.auth import Caller, Editor
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import invalid_at
from klima_shared.http.validation import StrictBody
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.measures import MeasureSheet
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1/budget", tags=["budget"], dependencies=CHECKED)


class BudgetLine(BaseModel):
    """Amounts by stage; null: a row exists whose amount is not known; absent stages have no row."""

    measure_id: UUID
    number: str = Field(examples=["MOB-01"])
    title: str
    year: int | None = Field(description="null: not assigned to a year")
    kind: CostKind
    kind_label: str
    recurring: bool = Field(description="due every year from `year` on")
    planned_concept_eur: Money | None
    planned_budget_eur: Money | None
    planned_supplement_eur: Money | None
    committed_eur: Money | None
    spent_eur: Money | None


class StaffLine(BaseModel):
    measure_id: UUID
    number: str
    title: str
    planned_days: float | None
    booked_days: float | None


class BudgetAnswer(BaseModel):
    region: str
    year: int | None
    items: list[BudgetLine]
    totals: dict[str, Money] = Field(
        description="of what falls due once", examples=[{"planned_concept_eur": "12000000.00"}]
    )
    totals_recurring: dict[str, Money] = Field(
        description="of what falls due every year; never added to `totals`",
        examples=[{"planned_concept_eur": "85000.00"}],
    )
    staff: list[StaffLine]
    measures: int
    unquantified_measures: int = Field(
        description="measures whose sheet names no amount; in no sum"
    )
    unknown_rows: int = Field(description="cost rows without an amount; in no sum")
    entries_included: bool = Field(
        description="false for the public: budget, committed and spent are internal"
    )
    stale_since: datetime | None
    meta: Meta


class NewEntry(StrictBody):
    measure_id: MeasureId
    year: Year
    kind: CostKind
    stage: BudgetStage = Field(description="all but planned_concept, which is in the sheet")
    amount_eur: NonNegativeMoney
    note: str = Field(default="", max_length=1000)


class EntryAnswer(NewEntry):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    region: str
    created_at: datetime


_STAGES = {stage: f"{stage.value}_eur" for stage in BudgetStage}


def _line(line: Line, lang: Lang) -> BudgetLine:
    kind = CostKind(line.kind)
    amounts = {name: line.amounts.get(stage) for stage, name in _STAGES.items()}
    return BudgetLine(
        measure_id=UUID(line.measure),
        number=line.number,
        title=line.title,
        year=line.year,
        kind=kind,
        kind_label=kind.label(lang),
        recurring=line.recurring,
        **amounts,
    )


@router.get(
    "", summary="Budget by measure, year and kind", **tabular(BudgetAnswer, 401, 404, 422, 503)
)
async def get_budget(
    request: Request,
    read: Read,
    caller: Caller,
    lang: RequestLanguage,
    form: RequestedFormat,
    region: Annotated[
        Ags | None, Query(description="default: the county", examples=["05974"])
    ] = None,
    year: Annotated[YearParam | None, Query(examples=[2027])] = None,
) -> BudgetAnswer | Response:
    """The sum of `planned_concept` is that of the published sheets; what falls due once and what
    falls due every year is never added. Viewers of the region see what
    was entered beside them: budget, supplement, committed, spent, booked days.
    """
    context = context_of(request)
    ags = region or context.county
    inside = caller.may_read_drafts(ags)
    sheets = await sheets_of(context, ags)
    found = await actions.budget_of(read, sheets, year, inside=inside)
    items = [_line(line, lang) for line in found.lines]
    if form is not Format.JSON:
        return await table_response(_table(ags, items, found), form, lang)
    note = ["Maßnahmen-Steckbriefe der Kommunen"]
    if found.examples:
        note.append("Beispieldaten: Zahlen sind erfunden und dienen der Vorführung")
    return BudgetAnswer(
        region=ags,
        year=year,
        items=items,
        totals={_STAGES[s]: amount for s, amount in found.totals.items()},
        totals_recurring={_STAGES[s]: amount for s, amount in found.yearly.items()},
        staff=[
            StaffLine(
                measure_id=UUID(d.measure),
                number=d.number,
                title=d.title,
                planned_days=None if d.planned is None else float(d.planned),
                booked_days=None if d.booked is None else float(d.booked),
            )
            for d in found.days
        ],
        measures=len(sheets.sheets),
        unquantified_measures=found.unquantified,
        unknown_rows=found.unknown_rows,
        entries_included=inside,
        stale_since=sheets.stale_since,
        meta=meta_of(None, context, lang, note),
    )


COLUMNS = [
    Column("number", Label("Nummer", "Number")),
    Column("title", Label("Maßnahme", "Measure")),
    Column("year", Label("Jahr", "Year"), Kind.INTEGER),
    Column("kind_label", Label("Art", "Kind")),
    Column("recurring", Label("Jährlich", "Every year"), Kind.BOOLEAN),
    *(
        Column(name, Label(stage.de, stage.en), Kind.MONEY, "EUR")
        for stage, name in _STAGES.items()
    ),
]


def _table(ags: str, items: list[BudgetLine], found: Budget) -> Table:
    rows = [[getattr(item, column.name) for column in COLUMNS] for item in items]
    about = [
        (Label("Maßnahmen ohne Betrag", "Measures without an amount"), str(found.unquantified))
    ]
    if found.examples:
        about.append((Label("Hinweis", "Note"), "Beispieldaten: Zahlen sind erfunden"))
    return Table(
        f"haushalt-{ags}",
        Label("Haushalt der Maßnahmen", "Budget of the measures"),
        COLUMNS,
        rows,
        about,
    )


@router.post(
    "",
    summary="Enter an amount beside the sheet",
    **creating(EntryAnswer, 400, 401, 403, 404, 409, 422, 503),
)
async def create_budget_entry(
    request: Request, body: NewEntry, editor: Editor, idempotency: Idempotency
) -> Response:
    """A correction is another entry. What the concept plans is in the sheet itself and can't be
    entered here."""
    if body.stage is BudgetStage.CONCEPT:
        raise invalid_at("/body/stage", Text("What the concept plans is in the sheet."))
    editor.require(Role.EDITOR)

    async def store(writer: Writer, sheet: MeasureSheet) -> Created:
        row = await actions.enter(writer, sheet["owner"], row_of(body))
        return Created(EntryAnswer.model_validate(row, from_attributes=True))

    ask = partial(sheet_of, context_of(request), body.measure_id)
    return await create_after_asking(
        database_of(request), editor, idempotency, ask=ask, store=store
    )
