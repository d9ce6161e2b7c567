"""A sheet as a page: what stands above and below the 20 headings."""

from __future__ import annotations

from datetime import date

from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.pages.blocks import Light, SheetPage
from klima_measures.sheets.pages.headings import Content, headings
from klima_shared.language.numbers import NO_DATA, long_date
from klima_shared.language.text import Text

EXAMPLE = Text(
    "Beispiel: Dieser Steckbrief dient der Vorführung. Seine Zahlen sind erfunden und keine amtlichen Angaben.",
    "Example: this sheet is for demonstration. Its figures are invented and not official.",
)
DRAFT = Text("Entwurf, nicht veröffentlicht", "Draft, not published")


def sheet_page(
    content: Content, audience: Audience, *, editorial: str, as_of: date, changed: date
) -> SheetPage:
    """`editorial` is the state of the working revision; the public form is never marked as a
    draft."""
    sheet, lang = content.sheet, content.lang
    regions = [content.region_names.get(ags, ags) for ags in sheet.regions]
    yes_no = Text("ja", "yes") if content.intermunicipal else Text("nein", "no")
    place = sheet.level.label(lang)
    if sheet.quarter and sheet.quarter in content.registers:
        regions.append(
            Text("Quartier ", "quarter ").get(lang) + str(content.registers[sheet.quarter]["title"])
        )
    facts = [
        (Text("Stand", "Phase").get(lang), content.phase.label(lang)),
        (
            Text("Priorität", "Priority").get(lang),
            content.priority.value.label(lang) if content.priority.value else NO_DATA.get(lang),
        ),
        (Text("Ebene", "Level").get(lang), place),
        (Text("Interkommunal", "Intermunicipal").get(lang), yes_no.get(lang)),
    ]
    draft = audience is Audience.INTERNAL and editorial != "published"
    imprint = Text(
        f"Konzept {sheet.concept} · Stand {long_date(changed, 'de')} · Daten: dl-de/by-2-0",
        f"Concept {sheet.concept} · as of {long_date(changed, 'en')} · data: dl-de/by-2-0",
    )
    return SheetPage(
        lang=lang,
        number=sheet.number,
        title=sheet.title,
        short_text=sheet.short_text,
        example=EXAMPLE.get(lang) if sheet.example else None,
        draft=DRAFT.get(lang) if draft else None,
        facts=facts,
        place=(Text("Gebiet", "Region").get(lang), ", ".join(regions) or place),
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
