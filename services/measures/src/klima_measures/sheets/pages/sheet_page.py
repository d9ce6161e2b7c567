"""A sheet as a page: what stands above and below the 20 headings."""

from klima_measures.base.model.dates import BERLIN
from klima_measures.sheets.model.codes import Audience, Editorial
from klima_measures.sheets.pages.blocks import Light, SheetPage
from klima_measures.sheets.pages.headings import Content, headings
from klima_measures.sheets.queries.reading import Reading
from klima_shared.language.numbers import NO_DATA, Lang, long_date
from klima_shared.language.text import Label, Text

EXAMPLE = Text(
    "Example: this sheet is for demonstration. Its figures are invented and not official."
)
DRAFT = Label("Entwurf, nicht veröffentlicht", "Draft, not published")


def sheet_page(reading: Reading, lang: Lang, field_label: str) -> SheetPage:
    """The page of a reading, ready to be set as HTML or PDF. The public form is never marked as a
    draft."""
    sheet, head, names = reading.sheet, reading.head, reading.names
    regions = [names.get(ags, ags) for ags in sheet.regions]
    yes_no = Label("ja", "yes") if reading.intermunicipal.value else Label("nein", "no")
    place = sheet.level.label(lang)
    if sheet.quarter and sheet.quarter in reading.registers:
        title = reading.registers[sheet.quarter].title
        regions.append(Label("Quartier ", "quarter ").get(lang) + title)
    internal = reading.audience is Audience.INTERNAL
    moment = head.changed_at if internal else head.published_at or head.changed_at
    changed = moment.astimezone(BERLIN).date()
    priority, status = reading.priority.value, reading.status
    facts = [
        (Label("Stand", "Phase").get(lang), reading.phase.label(lang)),
        (
            Label("Priorität", "Priority").get(lang),
            priority.label(lang) if priority else NO_DATA.get(lang),
        ),
        (Label("Ebene", "Level").get(lang), place),
        (Label("Interkommunal", "Intermunicipal").get(lang), yes_no.get(lang)),
    ]
    draft = internal and head.editorial is not Editorial.PUBLISHED
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
        light=Light(status.value.value, status.value.label(lang), status.rule.get(lang)),
        headings=headings(Content(reading, lang, field_label)),
        as_of=reading.today.isoformat(),
        imprint=imprint.get(lang),
        warnings=[check.message.get(lang) for check in reading.checks if check.state == "exceeds"],
    )
