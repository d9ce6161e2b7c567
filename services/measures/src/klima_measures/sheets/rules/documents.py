"""What can be said of whole sheets: what changed between two versions, what of one the public may
see, and what a template fills in."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from klima_measures.base.model.declared import In, names
from klima_measures.registers.model import Template
from klima_measures.sheets.model.rows import (
    Indicator,
    MeasureActor,
    MeasureContact,
    Milestone,
    Step,
)
from klima_measures.sheets.model.sheet import Difference, Sheet


def differences(before: object, after: object, pointer: str = "") -> list[Difference]:
    """Places where two JSON-like values differ; of lists of the same length, the entries."""
    if before == after:
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found: list[Difference] = []
        for key in dict.fromkeys([*before, *after]):
            found += differences(before.get(key), after.get(key), f"{pointer}/{key}")
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            d
            for i, (a, b) in enumerate(zip(before, after, strict=True))
            for d in differences(a, b, f"{pointer}/{i}")
        ]
    return [Difference(pointer or "/", before, after)]


PUBLIC_FIELDS: Final = names(Sheet, In.PUBLIC)


def public_contact(contact: MeasureContact | None) -> MeasureContact | None:
    """The function, if it is marked public; never the person behind it."""
    if contact is None or not contact.public:
        return None
    return contact.model_copy(update={"person": None})


def public_form(sheet: Sheet) -> Sheet:
    """The sheet without internal notes, persons, contacts not marked public, and the words of
    reports and overrides.

    The dates and assessments of reports stay, because the status that is shown follows from them.
    """
    kept = {name: getattr(sheet, name) for name in PUBLIC_FIELDS}
    kept["contact"] = public_contact(sheet.contact)
    kept["status_reports"] = [
        report.model_copy(update={"text": ""}) for report in sheet.status_reports
    ]
    if sheet.status_override is not None:
        kept["status_override"] = sheet.status_override.model_copy(update={"reason": "intern"})
    return Sheet.model_construct(**kept)


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def fill(sheet: Sheet, template: Template) -> Sheet:
    """The sheet with steps, milestones, actors and indicators of the template where it has none of
    its own.

    Dates need a planned start; without one, steps stay without dates and gates (which need one) are
    left out.
    """
    start = sheet.planned_start
    steps = [
        Step(
            title=step.title,
            starts_on=months_after(start, step.starts_after_months) if start else None,
            ends_on=months_after(start, step.starts_after_months + step.months) - timedelta(days=1)
            if start
            else None,
            responsible=step.responsible,
        )
        for step in template.steps
    ]
    gates = (
        [Milestone(title=g.title, due=months_after(start, g.after_months)) for g in template.gates]
        if start
        else []
    )
    actors = [MeasureActor(name=role.name, role=role.role) for role in template.roles]
    indicators = [Indicator(**one.model_dump()) for one in template.indicators]
    return sheet.model_copy(
        update={
            "steps": sheet.steps or steps,
            "milestones": sheet.milestones or gates,
            "actors": sheet.actors or actors,
            "indicators": sheet.indicators or indicators,
        }
    )
