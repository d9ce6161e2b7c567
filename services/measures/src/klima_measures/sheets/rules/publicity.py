"""What of a sheet the public may see. Named field by field: a new field is internal until somebody
puts it here."""

from __future__ import annotations

from typing import Final

from klima_measures.sheets.model.rows import Contact
from klima_measures.sheets.model.sheet import Sheet

PUBLIC_FIELDS: Final = frozenset(
    {
        "number",
        "title",
        "short_text",
        "concept",
        "example",
        "level",
        "regions",
        "owner",
        "quarter",
        "field",
        "type",
        "influence",
        "sectors",
        "strategy",
        "goal",
        "initial_situation",
        "description",
        "initiator",
        "actors",
        "target_groups",
        "contact",
        "value_added",
        "financing",
        "notes",
        "planned_start",
        "planned_end",
        "actual_start",
        "actual_end",
        "continuous",
        "precision",
        "duration",
        "horizon_stated",
        "steps",
        "milestones",
        "indicators",
        "costs",
        "staff",
        "funding",
        "savings",
        "not_quantifiable",
        "scores",
        "priority_stated",
        "links",
        "decisions",
        "origin",
        "evaluations",
        "status_reports",
        "status_override",
    }
)
INTERNAL_FIELDS: Final = frozenset({"internal_notes"})


def public_contact(contact: Contact | None) -> Contact | None:
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
