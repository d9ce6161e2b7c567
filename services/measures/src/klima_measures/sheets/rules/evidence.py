"""The rows of a sheet that only the controlling service writes: they are evidence, and guards stand
on them.

Editors carry them along unchanged. Whoever could write them in could complete a measure that nobody
evaluated.
"""

from __future__ import annotations

from typing import Final

from klima_measures.sheets.model.sheet import Sheet
from klima_shared.http.problems import FieldError, Problem
from klima_shared.language.text import Label, Text

# Field -> the route by which it comes in (role `service`).
REPORTED: Final = {"evaluations": "/evaluations", "status_reports": "/status-reports"}


def with_evidence(sheet: Sheet, before: Sheet) -> Sheet:
    """The sheet with what was reported before, where it does not say anything about it."""
    missing = [name for name in REPORTED if name not in sheet.model_fields_set]
    return (
        sheet.model_copy(update={name: getattr(before, name) for name in missing})
        if missing
        else sheet
    )


def check(sheet: Sheet, before: Sheet | None) -> None:
    """403 when the sheet adds, changes or leaves out what the controlling service reported."""
    wrong = [
        name
        for name in REPORTED
        if getattr(sheet, name) != (getattr(before, name) if before else [])
    ]
    if not wrong:
        return
    texts = [
        Text(
            '"{name}" only comes from controlling (POST {told}, role service) and stays as it is '
            "here.",
            name=name,
            told=REPORTED[name],
        )
        for name in wrong
    ]
    errors = [FieldError(f"/body/{name}", text) for name, text in zip(wrong, texts, strict=True)]
    raise Problem(403, "forbidden", Label("Nicht erlaubt", "Forbidden"), texts[0], errors=errors)
