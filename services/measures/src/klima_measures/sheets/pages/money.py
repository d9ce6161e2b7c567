"""The headings about money and tonnes: effort, financing, savings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.pages.blocks import Block, Facts, Grid, Paragraphs, text_block
from klima_measures.sheets.pages.figures import amount, euro, megawatt_hours, percentage, tonnes
from klima_measures.sheets.rules.costs import effort, funded, staff_days
from klima_measures.sheets.rules.savings import Check, yearly_effect
from klima_shared.language.numbers import NO_DATA, Lang, number, quantity
from klima_shared.language.text import Label, Text


def effort_blocks(sheet: Sheet, lang: Lang) -> list[Block]:
    blocks: list[Block] = []
    sums: list[tuple[str, str]] = []
    if sheet.costs:
        total = effort(sheet.costs)
        head = (
            Label("Jahr|Art|Träger|Betrag|Güte", "Year|Kind|Payer|Amount|Evidence")
            .get(lang)
            .split("|")
        )
        yearly = Label("jährlich", "every year").get(lang)
        rows = []
        for cost in sheet.costs:
            since = Text("{yearly} from {year}", yearly=yearly, year=cost.year).get(lang)
            when = (
                (since if cost.year else yearly)
                if cost.recurring
                else str(cost.year or Label("offen", "open").get(lang))
            )
            payer = cost.payer.label(lang) if cost.payer else NO_DATA.get(lang)
            rows.append(
                [
                    when,
                    cost.kind.label(lang),
                    payer,
                    euro(cost.amount_eur, lang),
                    cost.certainty or "–",
                ]
            )
        blocks.append(Grid(Label("Kosten", "Costs").get(lang), head, rows, "sllrs"))
        if any(not row.recurring for row in sheet.costs):
            sums.append(
                (Label("Summe einmalig", "Total, once").get(lang), amount(total.once, lang))
            )
        if any(row.recurring for row in sheet.costs):
            sums.append(
                (Label("Summe jährlich", "Total, every year").get(lang), amount(total.yearly, lang))
            )
    if sheet.staff:
        sums.append((Label("Personal", "Staff").get(lang), _staff(sheet, lang)))
    return [*blocks, Facts(sums)] if sums else blocks


def _staff(sheet: Sheet, lang: Lang) -> str:
    parts: list[str] = []
    days = staff_days(sheet)
    if days is not None:
        parts.append(
            quantity(
                days,
                Label("Tage", "days").get(lang),
                lang,
                0 if days == days.to_integral_value() else 1,
            )
        )
    for row in sheet.staff:
        if row.fte is not None:
            year = f" ({row.year})" if row.year else ""
            parts.append(
                f"{number(row.fte, lang, 2).rstrip('0').rstrip(',.')} {Label('Stellen', 'FTE').get(lang)}{year}"
            )
    return ", ".join(parts) or NO_DATA.get(lang)


def financing_blocks(
    sheet: Sheet, registers: Mapping[UUID, Mapping[str, Any]], lang: Lang
) -> list[Block]:
    blocks = text_block(sheet.financing)
    if sheet.funding:
        head = (
            Label("Programm|Stand|Quote|Betrag", "Programme|State|Rate|Amount").get(lang).split("|")
        )
        rows = []
        for row in sheet.funding:
            entry = registers.get(row.programme)
            name = (
                str(entry["title"]) if entry else Label("nicht öffentlich", "not public").get(lang)
            )
            if entry and entry.get("valid_to"):
                name += Text(" (until {valid_to})", valid_to=entry["valid_to"]).get(lang)
            rate = percentage(row.rate_percent, lang)
            rows.append([name, row.state.label(lang), rate, euro(row.amount_eur, lang)])
        known = funded(sheet)
        foot = (
            [Label("Summe", "Total").get(lang), "", "", amount(known, lang)]
            if known.known_eur is not None
            else []
        )
        blocks.append(Grid(Label("Förderung", "Funding").get(lang), head, rows, "lsrr", foot))
    return blocks


def saving_blocks(sheet: Sheet, checks: Sequence[Check], lang: Lang) -> list[Block]:
    if sheet.not_quantifiable is not None:
        lead = Text("Not quantified: ").get(lang)
        return [Paragraphs(lead + sheet.not_quantifiable.reason)]
    if not sheet.savings:
        return []
    heads = Text("Year|Sector, carrier|Energy|GHG|Evidence|Method")
    full = Label("volle Wirkung", "full effect").get(lang)
    every = Label("alle", "all").get(lang)
    rows = []
    for row in sheet.savings:
        parts = [code.label(lang) for code in (row.sector, row.carrier) if code is not None]
        apart = "" if row.affects_bisko else NOT_IN_BISKO.get(lang)
        method = " ".join(part for part in (row.method, apart) if part)
        rows.append(
            [
                str(row.year) if row.year else full,
                ", ".join(parts) or every,
                megawatt_hours(row.final_energy_mwh, lang),
                tonnes(row.emissions_t_co2e, lang),
                row.evidence or "–",
                method or "–",
            ]
        )
    mwh, t = yearly_effect(sheet)
    grid = Grid(
        Label("Einsparung je Jahr", "Saving a year").get(lang),
        heads.get(lang).split("|"),
        rows,
        "slrrsl",
    )
    title = Label("Einsparung im Jahr bei voller Wirkung", "Saving a year at full effect").get(lang)
    blocks: list[Block] = [grid]
    if len(sheet.savings) > 1:
        blocks.append(Facts([(title, f"{megawatt_hours(mwh, lang)}, {tonnes(t, lang)}")]))
    blocks += [
        Paragraphs(check.message.get(lang), muted=True) for check in checks if check.state in SHOWN
    ]
    return blocks


SHOWN = {"exceeds", "pending"}
NOT_IN_BISKO = Label("(nicht in der BISKO-Bilanz)", "(not in the BISKO balance)")
