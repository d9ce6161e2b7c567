"""What of a sheet the public may see: the fields that are declared public, and of some only a
part."""

from __future__ import annotations

from typing import Final

from klima_measures.base.model.declared import In, names
from klima_measures.sheets.model.rows import Contact
from klima_measures.sheets.model.sheet import Sheet

PUBLIC_FIELDS: Final = names(Sheet, In.PUBLIC)


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
