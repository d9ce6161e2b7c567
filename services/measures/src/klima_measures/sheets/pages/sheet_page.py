"""A sheet as a page: what stands above and below the 20 headings."""

from __future__ import annotations

from datetime import date

from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.pages.blocks import Light, SheetPage
from klima_measures.sheets.pages.headings import Content, headings
from klima_shared.language.numbers import NO_DATA, long_date
from klima_shared.language.text import Label, Text

EXAMPLE = Text(
    "Example: this sheet is for demonstration. Its figures are invented and not official."
)
DRAFT = Label("Entwurf, nicht veröffentlicht", "Draft, not published")


def sheet_page(
    content: Content, audience: Audience, *, editorial: str, as_of: date, changed: date
) -> SheetPage:
    """`editorial` is the state of the working revision; the public form is never marked as a
    draft."""
    sheet, lang = content.sheet, content.lang
    regions = [content.region_names.get(ags, ags) for ags in sheet.regions]
    yes_no = Label("ja", "yes") if content.intermunicipal else Label("nein", "no")
    place = sheet.level.label(lang)
    if sheet.quarter and sheet.quarter in content.registers:
        regions.append(
            Label("Quartier ", "quarter ").get(lang)
            + str(content.registers[sheet.quarter]["title"])
        )
    facts = [
        (Label("Stand", "Phase").get(lang), content.phase.label(lang)),
        (
            Label("Priorität", "Priority").get(lang),
            content.priority.value.label(lang) if content.priority.value else NO_DATA.get(lang),
        ),
        (Label("Ebene", "Level").get(lang), place),
        (Label("Interkommunal", "Intermunicipal").get(lang), yes_no.get(lang)),
    ]
    draft = audience is Audience.INTERNAL and editorial != "published"
    imprint = Text(
        "Concept {concept} · as of {changed} · data: dl-de/by-2-0",
        concept=sheet.concept,
        changed=Label(long_date(changed, "de"), long_date(changed, "en")),
    )
    return SheetPage(
        lang=lang,
        number=sheet.number,
        title=sheet.title,
        short_text=sheet.short_text,
        example=EXAMPLE.get(lang) if sheet.example else None,
        draft=DRAFT.get(lang) if draft else None,
        facts=facts,
        place=(Label("Gebiet", "Region").get(lang), ", ".join(regions) or place),
        light=Light(
            content.status.value.value,
            content.status.value.label(lang),
            content.status.rule.get(lang),
        ),
        headings=headings(content),
        as_of=as_of.isoformat(),
        imprint=imprint.get(lang),
        warnings=[check.message.get(lang) for check in content.checks if check.state == "exceeds"],
    )
