"""What of a sheet is searched, filtered and summed, laid out in rows: one set for the public, one
for editors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import alphabetical_key
from klima_measures.sheets.model.codes import Audience, Priority
from klima_measures.sheets.model.sheet import Sheet, years_of
from klima_measures.sheets.queries import full_text
from klima_measures.sheets.rules import search
from klima_measures.sheets.rules.costs import list_amount
from klima_measures.sheets.rules.derived import horizon, intermunicipal, priority, start_of
from klima_measures.sheets.rules.places import places_of
from klima_measures.sheets.rules.publicity import public_form
from klima_measures.sheets.rules.savings import yearly_effect
from klima_measures.sheets.rules.status import spans
from klima_measures.sheets.tables import (
    measure_cost,
    measure_link,
    measure_revision,
    measure_saving,
    measure_view,
    measure_words,
)
from klima_shared.codes.lists import FieldOfAction, Phase

_FIELD_RANKS = {member.value: member.rank for member in FieldOfAction}


@dataclass(frozen=True)
class View:
    """What is laid out of one revision for one audience."""

    measure_id: UUID
    audience: Audience
    revision: int
    sheet: Sheet
    owner: str
    phase: Phase
    editorial: str
    changed_at: datetime
    concept_date: date | None = None


async def put(connection: AsyncConnection, views: Sequence[View]) -> None:
    """Store views in place of those that were there for the same measures and audiences."""
    if not views:
        return
    keys = [(view.measure_id, view.audience.value) for view in views]
    await connection.execute(
        delete(measure_view).where(
            tuple_(measure_view.c.measure_id, measure_view.c.audience).in_(keys)
        )
    )
    shown = [
        public_form(view.sheet) if view.audience is Audience.PUBLIC else view.sheet
        for view in views
    ]
    pairs = list(zip(views, shown, strict=True))
    await connection.execute(insert(measure_view), [_row(view, sheet) for view, sheet in pairs])
    words = {"words": full_text.vector("all_words"), "title_words": full_text.vector("few_words")}
    await connection.execute(
        insert(measure_words).values(**words), [_words(view, sheet) for view, sheet in pairs]
    )
    for table, child_rows in (
        (measure_cost, _costs),
        (measure_saving, _savings),
        (measure_link, _links),
    ):
        rows = [
            {
                "measure_id": view.measure_id,
                "audience": view.audience.value,
                "position": position,
                **row,
            }
            for view, sheet in pairs
            for position, row in enumerate(child_rows(sheet))
        ]
        if rows:
            await connection.execute(insert(table), rows)


async def remove(connection: AsyncConnection, measure_id: UUID, audience: Audience) -> None:
    mine = (measure_view.c.measure_id == measure_id) & (measure_view.c.audience == audience.value)
    await connection.execute(delete(measure_view).where(mine))


def _words(view: View, sheet: Sheet) -> dict[str, Any]:
    few = " ".join((*search.words(sheet.number), sheet.title))
    everything = " ".join((few, *_texts(sheet)))
    return {
        "measure_id": view.measure_id,
        "audience": view.audience.value,
        "all_words": f"{everything} {search.umlaut_words(everything)}",
        "few_words": f"{few} {search.umlaut_words(few)}",
    }


def _row(view: View, sheet: Sheet) -> dict[str, Any]:
    first, last = years_of(sheet)
    mwh, tonnes = yearly_effect(sheet)
    days, statuses = spans(sheet, view.phase)
    level = priority(sheet).value
    soon = horizon(sheet, view.concept_date).value
    return {
        "measure_id": view.measure_id,
        "audience": view.audience.value,
        "revision": view.revision,
        "concept": sheet.concept,
        "number": sheet.number,
        "number_key": search.number_key(sheet.number),
        "title": sheet.title,
        "title_key": alphabetical_key(sheet.title),
        "short_text": sheet.short_text,
        "field": sheet.field,
        "field_rank": _FIELD_RANKS.get(sheet.field, len(_FIELD_RANKS)),
        "level": sheet.level.value,
        "owner": view.owner,
        "regions": sheet.regions,
        "places": places_of(sheet.regions, view.owner),
        "intermunicipal": intermunicipal(sheet).value,
        "type": sheet.type.value,
        "sectors": [sector.value for sector in sheet.sectors],
        "phase": view.phase.value,
        "editorial": view.editorial,
        "horizon": soon.value if soon else None,
        "priority": level.value if level else None,
        "priority_rank": level.rank if level else len(Priority),
        "first_year": first,
        "last_year": last,
        "starts_on": start_of(sheet),
        "cost_eur": list_amount(sheet),
        "saving_t_co2e": tonnes,
        "saving_mwh": mwh,
        "strategy": sheet.strategy,
        "quarter": sheet.quarter,
        "example": sheet.example,
        "status_dates": list(days),
        "status_codes": [status.value for status in statuses],
        "changed_at": view.changed_at,
    }


def _texts(sheet: Sheet) -> Iterable[str]:
    yield from (
        sheet.short_text,
        sheet.goal,
        sheet.initial_situation,
        sheet.description,
        sheet.initiator or "",
    )
    yield from (
        sheet.value_added,
        sheet.financing,
        sheet.notes,
        sheet.internal_notes,
        sheet.type.de,
    )
    yield from (actor.name for actor in sheet.actors)
    yield from sheet.target_groups
    yield from (step.title for step in sheet.steps)
    yield from (milestone.title for milestone in sheet.milestones)
    yield from (member.de for member in FieldOfAction if member.value == sheet.field)


def _costs(sheet: Sheet) -> Iterable[dict[str, Any]]:
    return (row.model_dump() for row in sheet.costs)


def _savings(sheet: Sheet) -> Iterable[dict[str, Any]]:
    return (row.model_dump(exclude={"method"}) for row in sheet.savings)


def _links(sheet: Sheet) -> Iterable[dict[str, Any]]:
    return ({"kind": link.kind.value, "target_id": link.measure} for link in sheet.links)


async def of_concept(
    connection: AsyncConnection, concept: str, concept_date: date | None
) -> list[View]:
    """The views of all measures of a concept, to be laid out anew."""
    v, r = measure_view, measure_revision
    query = (
        select(
            v.c.measure_id,
            v.c.audience,
            v.c.revision,
            v.c.owner,
            v.c.editorial,
            v.c.changed_at,
            r.c.document,
            r.c.phase,
        )
        .join(r, (r.c.measure_id == v.c.measure_id) & (r.c.revision == v.c.revision))
        .where(v.c.concept == concept)
    )
    return [
        View(
            row["measure_id"],
            Audience(row["audience"]),
            row["revision"],
            Sheet.model_validate(row["document"]),
            row["owner"],
            Phase(row["phase"]),
            row["editorial"],
            row["changed_at"],
            concept_date,
        )
        for row in (await connection.execute(query)).mappings()
    ]
