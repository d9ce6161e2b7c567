"""A measure as a sheet to read and print."""

from __future__ import annotations

from klima_measures.base.actions.context import BERLIN, Frame
from klima_measures.sheets.actions.reading import Reading
from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.pages.blocks import SheetPage
from klima_measures.sheets.pages.headings import Content
from klima_measures.sheets.pages.sheet_page import sheet_page
from klima_shared.language.numbers import Lang


def page_of(found: Reading, frame: Frame, lang: Lang) -> SheetPage:
    """The page of a reading, ready to be set as HTML or PDF."""
    changed = found.head["changed_at"]
    if found.audience is Audience.PUBLIC:
        changed = found.head["published_at"] or changed
    content = Content(
        sheet=found.sheet,
        lang=lang,
        field_label=frame.fields.label(found.sheet.field, lang),
        phase=found.phase,
        status=found.status,
        horizon=found.horizon,
        priority=found.priority,
        intermunicipal=found.intermunicipal.value,
        related=found.related,
        registers=found.registers,
        region_names=found.names,
        checks=found.checks,
    )
    editorial = found.head["editorial"]
    return sheet_page(
        content,
        found.audience,
        editorial=editorial,
        as_of=found.today,
        changed=changed.astimezone(BERLIN).date(),
    )
