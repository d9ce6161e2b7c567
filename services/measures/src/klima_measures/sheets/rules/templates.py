"""From a template to a sheet: steps with dates counted from the start, gates as milestones, roles
as actors."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from klima_measures.registers.model import Template
from klima_measures.sheets.model.rows import Actor, Milestone, Step
from klima_measures.sheets.model.sheet import Sheet


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def fill(sheet: Sheet, template: Template) -> Sheet:
    """The sheet with steps, milestones and actors of the template where it has none of its own.

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
    actors = [Actor(name=role.name, role=role.role) for role in template.roles]
    return sheet.model_copy(
        update={
            "steps": sheet.steps or steps,
            "milestones": sheet.milestones or gates,
            "actors": sheet.actors or actors,
        }
    )
