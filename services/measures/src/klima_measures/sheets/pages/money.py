"""The headings about money and tonnes: effort, financing, savings."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from klima_measures.registers.queries import EntryTitle
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.pages.blocks import Block, Facts, Paragraphs, grid, text_block
from klima_measures.sheets.pages.figures import amount, euro, megawatt_hours, percentage, tonnes
from klima_measures.sheets.rules.sums import Check, effort, funded, staff_days, yearly_effect
from klima_shared.language.numbers import NO_DATA, Lang, number, quantity
from klima_shared.language.text import Label, Text

_COSTS = (
    Label("Kosten", "Costs"),
    Label("Jahr|Art|Träger|Betrag|Güte", "Year|Kind|Payer|Amount|Evidence"),
)
_FUNDING = (
    Label("Förderung", "Funding"),
    Label("Programm|Stand|Quote|Betrag", "Programme|State|Rate|Amount"),
)
_SAVINGS = (
    Label("Einsparung je Jahr", "Saving a year"),
    Text("Year|Sector, carrier|Energy|GHG|Evidence|Method"),
)
_FULL_EFFECT = Label("Einsparung im Jahr bei voller Wirkung", "Saving a year at full effect")
SHOWN = {"exceeds", "pending"}
NOT_IN_BISKO = Label("(nicht in der BISKO-Bilanz)", "(not in the BISKO balance)")


def effort_blocks(sheet: Sheet, lang: Lang) -> list[Block]:
    blocks: list[Block] = []
    sums: list[tuple[str, str]] = []
    if sheet.costs:
        total = effort(sheet.costs)
        yearly, once = Label("jährlich", "every year"), Label("offen", "open")
        rows = []
        for cost in sheet.costs:
            when = str(cost.year or once.get(lang))
            if cost.recurring:
                since = Text("{yearly} from {year}", yearly=yearly, year=cost.year)
                when = (since if cost.year else yearly).get(lang)
            payer = cost.payer.label(lang) if cost.payer else NO_DATA.get(lang)
            money = euro(cost.amount_eur, lang)
            rows.append([when, cost.kind.label(lang), payer, money, cost.certainty or "–"])
        blocks.append(grid(_COSTS, rows, "sllrs", lang))
        if any(not row.recurring for row in sheet.costs):
            name = Label("Summe einmalig", "Total, once").get(lang)
            sums.append((name, amount(total.once, lang)))
        if any(row.recurring for row in sheet.costs):
            name = Label("Summe jährlich", "Total, every year").get(lang)
            sums.append((name, amount(total.yearly, lang)))
    if sheet.staff:
        sums.append((Label("Personal", "Staff").get(lang), _staff(sheet, lang)))
    return [*blocks, Facts(sums)] if sums else blocks


def _staff(sheet: Sheet, lang: Lang) -> str:
    parts: list[str] = []
    days = staff_days(sheet)
    if days is not None:
        decimals = 0 if days == days.to_integral_value() else 1
        parts.append(quantity(days, Label("Tage", "days").get(lang), lang, decimals))
    unit = Label("Stellen", "FTE").get(lang)
    for row in sheet.staff:
        if row.fte is not None:
            year = f" ({row.year})" if row.year else ""
            figure = number(row.fte, lang, 2).rstrip("0").rstrip(",.")
            parts.append(f"{figure} {unit}{year}")
    return ", ".join(parts) or NO_DATA.get(lang)


def financing_blocks(sheet: Sheet, registers: Mapping[UUID, EntryTitle], lang: Lang) -> list[Block]:
    blocks = text_block(sheet.financing)
    if not sheet.funding:
        return blocks
    rows = []
    for row in sheet.funding:
        entry = registers.get(row.programme)
        name = entry.title if entry else Label("nicht öffentlich", "not public").get(lang)
        if entry and entry.valid_to:
            name += Text(" (until {valid_to})", valid_to=entry.valid_to).get(lang)
        money = euro(row.amount_eur, lang)
        rows.append([name, row.state.label(lang), percentage(row.rate_percent, lang), money])
    known = funded(sheet)
    foot = [Label("Summe", "Total").get(lang), "", "", amount(known, lang)]
    sums = foot if known.known_eur is not None else ()
    return [*blocks, grid(_FUNDING, rows, "lsrr", lang, foot=sums)]


def saving_blocks(sheet: Sheet, checks: Sequence[Check], lang: Lang) -> list[Block]:
    if sheet.not_quantifiable is not None:
        lead = Text("Not quantified: ").get(lang)
        return [Paragraphs(lead + sheet.not_quantifiable.reason)]
    if not sheet.savings:
        return []
    full, every = Label("volle Wirkung", "full effect"), Label("alle", "all")
    rows = []
    for row in sheet.savings:
        parts = [code.label(lang) for code in (row.sector, row.carrier) if code is not None]
        apart = "" if row.affects_bisko else NOT_IN_BISKO.get(lang)
        rows.append(
            [
                str(row.year or full.get(lang)),
                ", ".join(parts) or every.get(lang),
                megawatt_hours(row.final_energy_mwh, lang),
                tonnes(row.emissions_t_co2e, lang),
                row.evidence or "–",
                " ".join(part for part in (row.method, apart) if part) or "–",
            ]
        )
    blocks: list[Block] = [grid(_SAVINGS, rows, "slrrsl", lang)]
    if len(sheet.savings) > 1:
        mwh, t = yearly_effect(sheet)
        effect = f"{megawatt_hours(mwh, lang)}, {tonnes(t, lang)}"
        blocks.append(Facts([(_FULL_EFFECT.get(lang), effect)]))
    blocks += [Paragraphs(c.message.get(lang), muted=True) for c in checks if c.state in SHOWN]
    return blocks
