"""What of a sheet is searched, filtered and summed, laid out in rows: one set for the public, one
for editors."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.model.declared import words
from klima_measures.base.rules import alphabetical_key
from klima_measures.sheets.model.codes import Audience, Editorial, Priority
from klima_measures.sheets.model.sheet import Sheet, years_of
from klima_measures.sheets.queries import full_text
from klima_measures.sheets.queries.sheets import MEASURE, Head
from klima_measures.sheets.rules import search
from klima_measures.sheets.rules.derived import horizon, intermunicipal, priority, start_of
from klima_measures.sheets.rules.documents import public_form
from klima_measures.sheets.rules.status import spans
from klima_measures.sheets.rules.sums import effort, yearly_effect
from klima_measures.sheets.tables import (
    measure,
    measure_cost,
    measure_link,
    measure_revision,
    measure_saving,
    measure_view,
    measure_words,
)
from klima_shared.codes.action import FieldOfAction
from klima_shared.codes.labelled import Labelled
from klima_shared.revisions.stored import read_stored

_FIELD_RANKS = {member.value: member.rank for member in FieldOfAction}


class View(NamedTuple):
    """What is laid out of one revision for one audience."""

    head: Head
    audience: Audience
    sheet: Sheet
    concept_date: date | None = None


async def put(connection: AsyncConnection, views: Sequence[View]) -> None:
    """Store views in place of those that were there for the same measures and audiences."""
    if not views:
        return
    keys = [(view.head.id, view.audience.value) for view in views]
    key = tuple_(measure_view.c.measure_id, measure_view.c.audience)
    await connection.execute(delete(measure_view).where(key.in_(keys)))
    shown = [
        view._replace(sheet=public_form(view.sheet)) if view.audience is Audience.PUBLIC else view
        for view in views
    ]
    await connection.execute(insert(measure_view), [_key(view) | _row(view) for view in shown])
    words = {"words": full_text.vector("all_words"), "title_words": full_text.vector("few_words")}
    await connection.execute(
        insert(measure_words).values(**words), [_key(view) | _words(view.sheet) for view in shown]
    )
    for table, child_rows in (
        (measure_cost, _costs),
        (measure_saving, _savings),
        (measure_link, _links),
    ):
        rows = [
            {**_key(view), "position": position, **row}
            for view in shown
            for position, row in enumerate(child_rows(view.sheet))
        ]
        if rows:
            await connection.execute(insert(table), rows)


def _key(view: View) -> dict[str, object]:
    return {"measure_id": view.head.id, "audience": view.audience.value}


async def remove(connection: AsyncConnection, measure_id: UUID, audience: Audience) -> None:
    mine = (measure_view.c.measure_id == measure_id) & (measure_view.c.audience == audience.value)
    await connection.execute(delete(measure_view).where(mine))


async def remove_links(connection: AsyncConnection, measure_id: UUID, target: UUID) -> None:
    """Of both audiences: what was published may still name a measure that goes."""
    link = measure_link.c
    mine = (link.measure_id == measure_id) & (link.target_id == target)
    await connection.execute(delete(measure_link).where(mine))


def _words(sheet: Sheet) -> dict[str, str]:
    few = " ".join((*search.words(sheet.number), sheet.title))
    field = (member.de for member in FieldOfAction if member.value == sheet.field)
    everything = " ".join((few, *words(sheet), *field))
    return {
        "all_words": f"{everything} {search.umlaut_words(everything)}",
        "few_words": f"{few} {search.umlaut_words(few)}",
    }


def _row(view: View) -> dict[str, object]:
    head, sheet = view.head, view.sheet
    first, last = years_of(sheet)
    mwh, tonnes = yearly_effect(sheet)
    days, statuses = spans(sheet, head.phase)
    costs = effort(sheet.costs)
    level = priority(sheet).value
    same = ("concept", "number", "title", "short_text", "field", "strategy", "quarter", "example")
    return {
        **{name: getattr(sheet, name) for name in same},
        "revision": head.revision,
        "number_key": search.number_key(sheet.number),
        "title_key": alphabetical_key(sheet.title),
        "field_rank": _FIELD_RANKS.get(sheet.field, len(_FIELD_RANKS)),
        "level": sheet.level.value,
        "owner": head.owner,
        "regions": sheet.regions,
        "places": search.region_numbers(sheet.regions, head.owner),
        "intermunicipal": intermunicipal(sheet).value,
        "type": sheet.type.value,
        "sectors": [sector.value for sector in sheet.sectors],
        "phase": head.phase.value,
        "editorial": head.editorial.value,
        "horizon": _code(horizon(sheet, view.concept_date).value),
        "priority": _code(level),
        "priority_rank": level.rank if level else len(Priority),
        "first_year": first,
        "last_year": last,
        "starts_on": start_of(sheet),
        "cost_eur": costs.once.known_eur,
        "cost_yearly_eur": costs.yearly.known_eur,
        "saving_t_co2e": tonnes,
        "saving_mwh": mwh,
        "status_dates": list(days),
        "status_codes": [status.value for status in statuses],
        "changed_at": head.changed_at,
    }


def _code(member: Labelled | None) -> str | None:
    return member.value if member else None


Rows = Iterable[dict[str, object]]


def _costs(sheet: Sheet) -> Rows:
    return (row.model_dump() for row in sheet.costs)


def _savings(sheet: Sheet) -> Rows:
    return (row.model_dump(exclude={"method"}) for row in sheet.savings)


def _links(sheet: Sheet) -> Rows:
    return ({"kind": link.kind.value, "target_id": link.measure} for link in sheet.links)


async def of_concept(
    connection: AsyncConnection, concept: str, concept_date: date | None
) -> list[View]:
    """The views of all measures of a concept, to be laid out anew.

    Each with the phase, the owner and the time it was laid out with: those of the measure may have
    moved on since it was published.
    """
    v, r = measure_view, measure_revision
    laid_out = (v.c.revision, v.c.owner, v.c.editorial, v.c.changed_at)
    query = (
        select(*MEASURE.columns, v.c.audience, *laid_out, r.c.phase, r.c.document)
        .join(v, v.c.measure_id == measure.c.id)
        .join(r, (r.c.measure_id == v.c.measure_id) & (r.c.revision == v.c.revision))
        .where(v.c.concept == concept)
    )
    found = []
    for row in await connection.execute(query):
        width = len(MEASURE.columns)
        audience, revision, owner, editorial, changed_at, phase, document = row[width:]
        then = replace(
            Head(*row[:width]),
            revision=revision,
            owner=owner,
            editorial=Editorial(editorial),
            changed_at=changed_at,
            phase=phase,
        )
        sheet = read_stored(Sheet, document)
        found.append(View(then, Audience(audience), sheet, concept_date))
    return found
