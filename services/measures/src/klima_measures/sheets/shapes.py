"""What the routes of a measure take and answer."""

from datetime import date, datetime
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from klima_measures.base.model.context import Context
from klima_measures.base.model.texts import Reason
from klima_measures.sheets.model.codes import Audience, Editorial, Horizon, LinkKind, Priority
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries.reading import Reading
from klima_measures.sheets.queries.sheets import Head
from klima_measures.sheets.rules.derived import Explained
from klima_measures.sheets.rules.sums import Check
from klima_measures.sheets.rules.workflow import reachable
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.codes.labelled import Labelled
from klima_shared.http.dates import IsoDate
from klima_shared.language.numbers import Lang
from klima_shared.wire.meta import Meta, NoNext

# Bodies that can be sent as they are: the examples of the OpenAPI document.
EXAMPLES: Final = orjson.loads(
    files("klima_measures.sheets").joinpath("examples.json").read_bytes()
)


class Explanation(BaseModel):
    """A derived value, the rule it follows from, and what went into it."""

    value: Any
    label: str | None
    rule: str
    inputs: dict[str, Any]


class RelatedMeasure(BaseModel):
    id: UUID
    number: str
    title: str
    kind: LinkKind
    kind_label: str = Field(description="seen from this measure", examples=["ersetzt durch"])
    incoming: bool = Field(description="the other one links to this one")
    phase: str
    status: str


class RegisterEntry(BaseModel):
    id: UUID
    kind: str
    code: str
    title: str


class SavingCheck(BaseModel):
    """A saving beside the emissions of its sector; `pending` while the balance service can't be
    asked."""

    region: str
    sector: str
    saving_t_co2e: float
    emissions_t_co2e: float | None
    balance_year: int | None
    state: str = Field(examples=["ok", "exceeds", "pending", "no_balance"])
    message: str


class MeasureAnswer(Sheet):
    """A sheet with what follows from it. `links` and `funding` refer to `related` and
    `registers`."""

    id: UUID
    revision: int
    version: Audience = Field(
        description="which one this is: the published revision, or the working one"
    )
    owner: str
    editorial: Editorial
    phase: Phase
    phase_label: str
    field_label: str
    status: MeasureStatus
    status_label: str
    intermunicipal: bool
    horizon: Horizon | None
    priority: Priority | None
    explanations: dict[str, Explanation]
    region_names: dict[str, str]
    related: list[RelatedMeasure]
    registers: list[RegisterEntry]
    saving_checks: list[SavingCheck]
    possible_phases: list[Phase] = Field(
        description="where it may go from here; empty for the public"
    )
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    as_of: date = Field(description="the day the status holds for")
    meta: Meta


def _explanation(found: Explained[object], lang: Lang) -> Explanation:
    label = found.value.label(lang) if isinstance(found.value, Labelled) else None
    return Explanation(
        value=found.value, label=label, rule=found.rule.get(lang), inputs=dict(found.inputs)
    )


def _check(found: Check, lang: Lang) -> SavingCheck:
    return SavingCheck(**{**vars(found), "message": found.message.get(lang)})


def meta_of(moment: datetime, *, example: bool) -> Meta:
    """Sources are said with the figures; invented ones say so here too."""
    sources = ["Maßnahmen-Steckbriefe der Kommunen"]
    if example:
        sources.append("Beispieldaten: Zahlen sind erfunden und dienen der Vorführung")
    return Meta(generated_at=moment, method="Maßnahmen-Steckbrief", sources=sources)


def answer(found: Reading, context: Context, lang: Lang) -> MeasureAnswer:
    """The answer for one measure. It is built from checked parts, so it is not checked again."""
    sheet, head, public = found.sheet, found.head, found.audience is Audience.PUBLIC
    changed = head.published_at if public and head.published_at else head.changed_at
    explained: dict[str, Explained[Any]] = {
        name: getattr(found, name) for name in ("status", "horizon", "priority", "intermunicipal")
    }
    related = [
        RelatedMeasure(
            **row._asdict(), kind_label=LinkKind(row.kind).seen(incoming=row.incoming).get(lang)
        )
        for row in found.related
    ]
    registers = [
        RegisterEntry(id=e.id, kind=e.kind, code=e.code, title=e.title)
        for e in found.registers.values()
    ]
    return MeasureAnswer.model_construct(
        **{name: getattr(sheet, name) for name in Sheet.model_fields if name != "owner"},
        **{name: value.value for name, value in explained.items()},
        id=head.id,
        revision=found.revision,
        version=found.audience,
        owner=head.owner,
        editorial=Editorial.PUBLISHED if public else head.editorial,
        phase=found.phase,
        phase_label=found.phase.label(lang),
        field_label=context.fields.label(sheet.field, lang),
        status_label=found.status.value.label(lang),
        explanations={name: _explanation(value, lang) for name, value in explained.items()},
        region_names={ags: found.names[ags] for ags in sheet.regions if ags in found.names},
        related=related,
        registers=registers,
        saving_checks=[_check(check, lang) for check in found.checks],
        possible_phases=[] if public else list(reachable(found.phase)),
        created_at=changed if public else head.created_at,
        changed_at=changed,
        published_at=head.published_at,
        as_of=found.today,
        meta=meta_of(changed, example=sheet.example),
    )


class EditorialComment(BaseModel):
    comment: str | None = Field(
        default=None, max_length=1000, examples=["Zahlen mit der Kämmerei abgestimmt"]
    )


class Published(BaseModel):
    """Where a measure stands after a step."""

    id: UUID
    revision: int
    editorial: Editorial
    phase: Phase
    published_revision: int | None
    published_at: datetime | None


def published_state(head: Head) -> Published:
    return Published(**{name: getattr(head, name) for name in Published.model_fields})


class PhaseMove(BaseModel):
    """A move on the phase axis; what each phase needs is said in the problem when it is missing."""

    model_config = ConfigDict(extra="forbid")

    to: Phase
    reason: Reason | None = None
    effective_on: IsoDate | None = Field(default=None, description="default: today")


class Transition(BaseModel):
    """A row of the phase history. Who and why are internal."""

    revision: int
    from_phase: Phase | None
    to_phase: Phase
    label: str
    effective_on: date
    at: datetime
    reason: str | None = None
    by: str | None = None


class Transitions(BaseModel):
    items: list[Transition]
    next: NoNext = None


class FieldChange(BaseModel):
    pointer: str = Field(examples=["/goal"])
    before: Any
    after: Any


class HistoryEntry(BaseModel):
    """A revision: who made it, when, how, and what changed by it."""

    revision: int
    action: str
    editorial: Editorial
    phase: Phase
    at: datetime
    by: str | None = Field(description="null for the public")
    comment: str | None
    changes: list[FieldChange] = Field(default_factory=list)


class Revision(BaseModel):
    revision: int
    action: str
    editorial: Editorial
    phase: Phase
    at: datetime
    by: str | None = None
    comment: str | None = None


class RevisionDocument(Revision):
    sheet: Sheet
