"""The 20 headings of a Steckbrief, in the order that publicly funded concepts have them, filled
from a sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from klima_measures.sheets.model.codes import Horizon, LinkKind, MilestoneState, Priority
from klima_measures.sheets.model.explained import Explained
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
from klima_measures.sheets.rules.savings import Check
from klima_shared.codes.lists import MeasureStatus, Phase
from klima_shared.language.numbers import NO_DATA, Lang
from klima_shared.language.text import Label, Text


@dataclass(frozen=True)
class Content:
    """A sheet and what is needed to set it."""

    sheet: Sheet
    lang: Lang
    field_label: str
    phase: Phase
    status: Explained[MeasureStatus]
    horizon: Explained[Horizon | None]
    priority: Explained[Priority | None]
    intermunicipal: bool
    related: Sequence[Mapping[str, Any]] = ()
    registers: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    region_names: Mapping[str, str] = field(default_factory=dict)
    checks: Sequence[Check] = ()


def _one(value: str | None, lang: Lang) -> list[Block]:
    return [Paragraphs(value or NO_DATA.get(lang), muted=not value)]


def _kind(c: Content) -> list[Block]:
    return _one(c.sheet.type.label(c.lang), c.lang)


def _introduction(c: Content) -> list[Block]:
    return _one(c.horizon.value.label(c.lang) if c.horizon.value else None, c.lang)


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
    found: list[Mention] = []
    seen: set[UUID] = set()
    for row in c.related:
        if LinkKind(row["kind"]) is LinkKind.ACCOMPANIES:
            if row["id"] not in seen:
                found.append(_mention(row))
            seen.add(row["id"])
    for row in c.related:
        kind = LinkKind(row["kind"])
        if kind is not LinkKind.ACCOMPANIES:
            found.append(_mention(row, kind.seen(incoming=row["incoming"]).get(c.lang) + ": "))
    return [Mentions(found)] if found else []


def _mention(row: Mapping[str, Any], lead: str = "") -> Mention:
    return Mention(lead, f"{row['number']} {row['title']}", str(row["id"]))


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


# Key, name and filling of each heading, in the order of the concept.
HEADINGS: Final[tuple[tuple[str, Text, Callable[[Content], Sequence[Block]]], ...]] = (
    ("field", Label("Handlungsfeld", "Field of action"), lambda c: _one(c.field_label, c.lang)),
    ("number", Label("Nummer", "Number"), lambda c: _one(c.sheet.number, c.lang)),
    ("type", Label("Typ", "Type"), _kind),
    ("introduction", Label("Einführung", "Introduction"), _introduction),
    ("duration", Label("Dauer", "Duration"), lambda c: _one(duration(c.sheet, c.lang), c.lang)),
    ("title", Label("Titel", "Title"), lambda c: _one(c.sheet.title, c.lang)),
    ("goal", Label("Ziel und Strategie", "Goal and strategy"), lambda c: _goal(c)),
    (
        "initial_situation",
        Label("Ausgangslage", "Initial situation"),
        lambda c: text_block(c.sheet.initial_situation),
    ),
    (
        "description",
        Label("Beschreibung", "Description"),
        lambda c: text_block(c.sheet.description),
    ),
    ("initiator", Label("Initiator", "Initiator"), lambda c: text_block(c.sheet.initiator)),
    ("actors", Label("Akteure", "Actors"), _actors),
    (
        "target_groups",
        Label("Zielgruppe", "Target group"),
        lambda c: text_block(", ".join(c.sheet.target_groups)),
    ),
    ("steps", Label("Handlungsschritte und Zeitplan", "Steps and schedule"), _steps),
    ("success", Label("Erfolgsindikatoren/Meilensteine", "Indicators/milestones"), _success),
    (
        "effort",
        Label("Gesamtaufwand/Anschubkosten", "Total effort/initial costs"),
        lambda c: effort_blocks(c.sheet, c.lang),
    ),
    (
        "financing",
        Label("Finanzierungsansatz", "Financing"),
        lambda c: financing_blocks(c.sheet, c.registers, c.lang),
    ),
    (
        "savings",
        Label("Energie- und THG-Einsparung", "Energy and GHG savings"),
        lambda c: saving_blocks(c.sheet, c.checks, c.lang),
    ),
    (
        "value_added",
        Label("Wertschöpfung", "Local value added"),
        lambda c: text_block(c.sheet.value_added),
    ),
    ("accompanying", Label("Flankierende Maßnahmen", "Accompanying measures"), _accompanying),
    ("notes", Label("Hinweise", "Notes"), _notes),
)


def _goal(c: Content) -> list[Block]:
    parent = c.registers.get(c.sheet.strategy) if c.sheet.strategy else None
    blocks = text_block(c.sheet.goal)
    if parent is not None:
        blocks.append(Facts([(Label("Strategie", "Strategy").get(c.lang), str(parent["title"]))]))
    return blocks


def headings(content: Content) -> list[Heading]:
    """All 20; one without content says that there is none."""
    return [
        Heading(key, name.get(content.lang), or_missing(list(fill(content)), content.lang))
        for key, name, fill in HEADINGS
    ]
