"""The printed catalogue: sheets by field of action, with a table of contents."""

from collections.abc import Sequence

from klima_measures.base.model.context import Context, beginning
from klima_measures.sheets.pages.rendering import Part, Print, print_pdf
from klima_measures.sheets.pages.sheet_page import sheet_page
from klima_measures.sheets.queries.reading import Reading
from klima_shared.language.numbers import Lang, long_date
from klima_shared.language.text import Label, Text
from klima_shared.look.pdf import BOOK

EXAMPLES = Text("Contains examples: their figures are invented and not official.")


def set_catalogue(readings: Sequence[Reading], context: Context, lang: Lang) -> bytes:
    """The PDF of the sheets, by field in the order of the concept. Takes seconds."""
    parts: list[Part] = []
    for code, label in context.fields.labels(lang).items():
        pages = [sheet_page(r, lang, label) for r in readings if r.sheet.field == code]
        if pages:
            one = Label("Eine Maßnahme", "One measure")
            lead = Text("{count} measures", count=len(pages)) if len(pages) > 1 else one
            parts.append(Part(label, lead.get(lang), pages))
    day = context.today()
    title = Label("Maßnahmenkatalog", "Catalogue of measures").get(lang)
    lead = Text(
        "{count} measures in {parts_count} fields of action, as of {day}",
        count=len(readings),
        parts_count=len(parts),
        day=Label(long_date(day, "de"), long_date(day, "en")),
    )
    imprint = f"{title} · {long_date(day, lang)} · dl-de/by-2-0"
    example = EXAMPLES.get(lang) if any(r.sheet.example for r in readings) else None
    content = Print(
        lang=lang, title=title, imprint=imprint, parts=parts, lead=lead.get(lang), example=example
    )
    return print_pdf(content, beginning(day), BOOK)
