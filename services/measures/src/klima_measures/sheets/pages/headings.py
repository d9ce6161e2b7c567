"""The 20 headings of a Steckbrief, in the order that publicly funded concepts have them, filled
from a sheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from klima_measures.base.model.declared import Declared, In, declared
from klima_measures.sheets.model.codes import LinkKind, MilestoneState
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.pages.blocks import (
    Block,
    Facts,
    Grid,
    Heading,
    Mention,
    Mentions,
    Paragraphs,
    or_missing,
    text_block,
)
from klima_measures.sheets.pages.figures import day, duration, span
from klima_measures.sheets.pages.money import effort_blocks, financing_blocks, saving_blocks
from klima_measures.sheets.queries.reading import Reading
from klima_measures.sheets.queries.relatives import Related
from klima_shared.codes.labelled import Labelled
from klima_shared.language.numbers import NO_DATA, Lang
from klima_shared.language.text import Label, Text


@dataclass(frozen=True)
class Content:
    """A measure as somebody reads it, to be set in a language."""

    reading: Reading
    lang: Lang
    field_label: str

    @property
    def sheet(self) -> Sheet:
        return self.reading.sheet


def _one(value: str | None, lang: Lang) -> list[Block]:
    return [Paragraphs(value or NO_DATA.get(lang), muted=not value)]


def _introduction(c: Content) -> list[Block]:
    soon = c.reading.horizon.value
    return _one(soon.label(c.lang) if soon else None, c.lang)


def _actors(c: Content) -> list[Block]:
    groups: dict[str, list[str]] = {}
    for actor in c.sheet.actors:
        groups.setdefault(actor.role.label(c.lang), []).append(actor.name)
    return [Facts([(role, ", ".join(names)) for role, names in groups.items()])] if groups else []


def _steps(c: Content) -> list[Block]:
    if not c.sheet.steps:
        return []
    head = (
        Label("Schritt|Zeitraum|Zuständig|Stand", "Step|Period|Responsible|State")
        .get(c.lang)
        .split("|")
    )
    rows = [
        [
            f"{n}. {s.title}",
            span(s.starts_on, s.ends_on, c.sheet.precision, c.lang),
            s.responsible or "–",
            s.state.label(c.lang),
        ]
        for n, s in enumerate(c.sheet.steps, start=1)
    ]
    return [Grid(Label("Handlungsschritte", "Steps").get(c.lang), head, rows, "lsls")]


def _success(c: Content) -> list[Block]:
    blocks: list[Block] = []
    if c.sheet.milestones:
        head = Label("Meilenstein|Termin|Stand", "Milestone|Due|State").get(c.lang).split("|")
        rows = [
            [
                m.title,
                day(m.due, c.sheet.precision, c.lang),
                f"{m.state.label(c.lang)} ({day(m.done_at, c.sheet.precision, c.lang)})"
                if m.state is MilestoneState.DONE
                else m.state.label(c.lang),
            ]
            for m in c.sheet.milestones
        ]
        blocks.append(Grid(Label("Meilensteine", "Milestones").get(c.lang), head, rows, "lss"))
    if c.sheet.indicators:
        columns = Text("Indicator|Unit|Baseline|Target|Interval|Source")
        missing = NO_DATA.get(c.lang)
        rows = [
            [
                f"{i.name} ({i.kind.label(c.lang)})",
                i.unit,
                i.baseline or missing,
                i.target or missing,
                i.interval or "–",
                i.source or "–",
            ]
            for i in c.sheet.indicators
        ]
        title = Label("Erfolgsindikatoren", "Indicators").get(c.lang)
        blocks.append(Grid(title, columns.get(c.lang).split("|"), rows, "lsrrsl"))
    return blocks


def _accompanying(c: Content) -> list[Block]:
    """Accompanying measures in both directions, then the other links."""
    near = c.reading.related
    first = {row.id: row for row in near if row.kind == LinkKind.ACCOMPANIES}
    found = [_mention(row) for row in first.values()]
    for row in near:
        kind = LinkKind(row.kind)
        if kind is not LinkKind.ACCOMPANIES:
            found.append(_mention(row, kind.seen(incoming=row.incoming).get(c.lang) + ": "))
    return [Mentions(found)] if found else []


def _mention(row: Related, lead: str = "") -> Mention:
    return Mention(lead, f"{row.number} {row.title}", str(row.id))


def _notes(c: Content) -> list[Block]:
    sheet, lang = c.sheet, c.lang
    facts: list[tuple[str, str]] = []
    for decision in sheet.decisions:
        paper = f", {decision.paper}" if decision.paper else ""
        when = day(decision.decided_on, type(sheet.precision).DAY, lang)
        facts.append((Label("Beschluss", "Decision").get(lang), f"{decision.body}, {when}{paper}"))
    if sheet.origin:
        reference = f": {sheet.origin.reference}" if sheet.origin.reference else ""
        facts.append(
            (Label("Herkunft", "Origin").get(lang), sheet.origin.kind.label(lang) + reference)
        )
    contact = sheet.contact
    if contact is not None and contact.public:
        parts = [contact.function, contact.department, contact.phone, contact.email]
        facts.append((Label("Kontakt", "Contact").get(lang), ", ".join(p for p in parts if p)))
    if sheet.scores:
        scored = [f"{s.criterion.label(lang)} {s.points}/5" for s in sheet.scores]
        facts.append((Label("Bewertung", "Assessment").get(lang), ", ".join(scored)))
    return [*text_block(sheet.notes), *([Facts(facts)] if facts else [])]


def _goal(c: Content) -> list[Block]:
    parent = c.reading.registers.get(c.sheet.strategy) if c.sheet.strategy else None
    blocks = text_block(c.sheet.goal)
    if parent is not None:
        blocks.append(Facts([(Label("Strategie", "Strategy").get(c.lang), parent.title)]))
    return blocks


def _declared_value(field: Declared) -> Callable[[Content], Sequence[Block]]:
    """Filling a heading with the value of a field that needs nothing else."""

    def fill(c: Content) -> Sequence[Block]:
        value = getattr(c.sheet, field.name)
        listed = value if field.many else [value]
        texts = [one.label(c.lang) if isinstance(one, Labelled) else one for one in listed]
        return text_block(", ".join(str(text) for text in texts if text is not None))

    return fill


Filling = Callable[[Content], Sequence[Block]]
# Headings that say more, or something else, than one field of the sheet: name and filling.
_COMPOSED: Final[dict[str, tuple[Label, Filling]]] = {
    "field": (Label("Handlungsfeld", "Field of action"), lambda c: _one(c.field_label, c.lang)),
    "number": (Label("Nummer", "Number"), lambda c: _one(c.sheet.number, c.lang)),
    "type": (Label("Typ", "Type"), lambda c: _one(c.sheet.type.label(c.lang), c.lang)),
    "introduction": (Label("Einführung", "Introduction"), _introduction),
    "duration": (Label("Dauer", "Duration"), lambda c: _one(duration(c.sheet, c.lang), c.lang)),
    "title": (Label("Titel", "Title"), lambda c: _one(c.sheet.title, c.lang)),
    "goal": (Label("Ziel und Strategie", "Goal and strategy"), _goal),
    "actors": (Label("Akteure", "Actors"), _actors),
    "steps": (Label("Handlungsschritte und Zeitplan", "Steps and schedule"), _steps),
    "success": (Label("Erfolgsindikatoren/Meilensteine", "Indicators/milestones"), _success),
    "effort": (
        Label("Gesamtaufwand/Anschubkosten", "Total effort/initial costs"),
        lambda c: effort_blocks(c.sheet, c.lang),
    ),
    "financing": (
        Label("Finanzierungsansatz", "Financing"),
        lambda c: financing_blocks(c.sheet, c.reading.registers, c.lang),
    ),
    "savings": (
        Label("Energie- und THG-Einsparung", "Energy and GHG savings"),
        lambda c: saving_blocks(c.sheet, c.reading.checks, c.lang),
    ),
    "accompanying": (Label("Flankierende Maßnahmen", "Accompanying measures"), _accompanying),
    "notes": (Label("Hinweise", "Notes"), _notes),
}
# The order in which publicly funded concepts have them; further fields come behind.
_ORDER: Final = (
    *("field", "number", "type", "introduction", "duration", "title", "goal"),
    *("initial_situation", "description", "initiator", "actors", "target_groups", "steps"),
    *("success", "effort", "financing", "savings", "value_added", "accompanying", "notes"),
)


def _headings() -> dict[str, tuple[Label, Filling]]:
    fields = {f.name: f for f in declared(Sheet) if In.HEADING in f.shown.places}
    own = {name: (f.shown.label, _declared_value(f)) for name, f in fields.items()} | _COMPOSED
    return {name: own[name] for name in dict.fromkeys([*_ORDER, *fields])}


HEADINGS: Final = _headings()


def headings(content: Content) -> list[Heading]:
    """All 20, and further fields; one without content says that there is none."""
    return [
        Heading(key, name.get(content.lang), or_missing(list(fill(content)), content.lang))
        for key, (name, fill) in HEADINGS.items()
    ]
