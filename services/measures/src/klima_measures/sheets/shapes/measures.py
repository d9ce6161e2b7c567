"""What the routes of measures answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from klima_measures.base.actions.context import Frame
from klima_measures.sheets.actions.reading import Reading
from klima_measures.sheets.model.codes import (
    Audience,
    Editorial,
    Horizon,
    Level,
    LinkKind,
    Priority,
)
from klima_measures.sheets.model.explained import Explained
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.rules.phases import reachable
from klima_measures.sheets.rules.savings import Check
from klima_shared.codes.fields import Money
from klima_shared.codes.lists import MeasureStatus, Phase
from klima_shared.http.paging import Page
from klima_shared.language.numbers import Lang
from klima_shared.wire.meta import Meta


class ListedMeasure(BaseModel):
    """A measure in a list."""

    id: UUID
    number: str = Field(examples=["MOB-01"])
    title: str
    short_text: str
    concept: str
    field: str = Field(examples=["mobility"])
    field_label: str
    level: str
    level_label: str
    regions: list[str]
    owner: str
    intermunicipal: bool
    type: str
    phase: str
    phase_label: str
    status: str
    status_label: str
    editorial: str
    horizon: str | None
    priority: str | None
    first_year: int | None
    last_year: int | None
    cost_eur: Money | None = Field(
        description="known amounts, yearly ones once; null: none is known"
    )
    saving_t_co2e: float | None = Field(description="a year at full effect; null: not quantified")
    saving_mwh: float | None
    strategy: UUID | None
    quarter: UUID | None
    example: bool = Field(description="invented for demonstration")
    changed_at: datetime


class MeasurePage(Page[ListedMeasure]):
    total: int = Field(description="how many the filters leave, on all pages")
    meta: Meta


def listed(rows: Iterable[Mapping[str, Any]], frame: Frame, lang: Lang) -> list[dict[str, Any]]:
    """Items (as `ListedMeasure`, JSON-ready) from rows of `storage.listing.page`.

    Plain dicts: of all there is to do for a list, models would take the most time.
    """
    fields = frame.fields.labels(lang)
    labels = {
        code: {m.value: m.label(lang) for m in code} for code in (Level, Phase, MeasureStatus)
    }
    names = [
        name for name in ListedMeasure.model_fields if not name.endswith("_label") and name != "id"
    ]
    items = []
    for row in rows:
        item = {name: row[name] for name in names}
        item["id"] = row["measure_id"]
        item["cost_eur"] = None if item["cost_eur"] is None else f"{item['cost_eur']:.2f}"
        item["field_label"] = fields.get(item["field"], item["field"])
        item["level_label"] = labels[Level][item["level"]]
        item["phase_label"] = labels[Phase][item["phase"]]
        item["status_label"] = labels[MeasureStatus][item["status"]]
        items.append(item)
    return items


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


def _explanation(found: Explained[Any], lang: Lang) -> Explanation:
    label = found.value.label(lang) if hasattr(found.value, "label") else None
    return Explanation(
        value=found.value, label=label, rule=found.rule.get(lang), inputs=dict(found.inputs)
    )


def check_answer(found: Check, lang: Lang) -> SavingCheck:
    return SavingCheck(**{**vars(found), "message": found.message.get(lang)})


def meta_of(moment: datetime, *, example: bool) -> Meta:
    """Sources are said with the figures; invented ones say so here too."""
    sources = ["Maßnahmen-Steckbriefe der Kommunen"]
    if example:
        sources.append("Beispieldaten: Zahlen sind erfunden und dienen der Vorführung")
    return Meta(generated_at=moment, method="Maßnahmen-Steckbrief", sources=sources)


def answer(found: Reading, frame: Frame, lang: Lang) -> MeasureAnswer:
    """The answer for one measure. It is built from checked parts, so it is not checked again."""
    sheet, head, public = found.sheet, found.head, found.audience is Audience.PUBLIC
    changed = head["published_at"] if public and head["published_at"] else head["changed_at"]
    explained: dict[str, Explained[Any]] = {
        "status": found.status,
        "horizon": found.horizon,
        "priority": found.priority,
        "intermunicipal": found.intermunicipal,
    }
    kept = {name: getattr(sheet, name) for name in Sheet.model_fields}
    return MeasureAnswer.model_construct(
        **kept
        | {
            "id": head["id"],
            "revision": found.revision,
            "version": found.audience,
            "owner": head["owner"],
            "editorial": Editorial.PUBLISHED if public else Editorial(head["editorial"]),
            "phase": found.phase,
            "phase_label": found.phase.label(lang),
            "field_label": frame.fields.label(sheet.field, lang),
            "status": found.status.value,
            "status_label": found.status.value.label(lang),
            "intermunicipal": found.intermunicipal.value,
            "horizon": found.horizon.value,
            "priority": found.priority.value,
            "explanations": {name: _explanation(value, lang) for name, value in explained.items()},
            "region_names": {ags: found.names[ags] for ags in sheet.regions if ags in found.names},
            "related": [
                RelatedMeasure(
                    **row, kind_label=LinkKind(row["kind"]).seen(incoming=row["incoming"]).get(lang)
                )
                for row in found.related
            ],
            "registers": [
                RegisterEntry(id=i, kind=e["kind"], code=e["code"], title=e["title"])
                for i, e in found.registers.items()
            ],
            "saving_checks": [check_answer(check, lang) for check in found.checks],
            "possible_phases": [] if public else list(reachable(found.phase)),
            "created_at": changed if public else head["created_at"],
            "changed_at": changed,
            "published_at": head["published_at"],
            "as_of": found.today,
            "meta": meta_of(changed, example=sheet.example),
        }
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
