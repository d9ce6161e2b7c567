"""The yearly report: tables whose figures are rounded once, when it is composed. Every form prints
the same digits.

`compose` is a pure function of what was read: the same inputs give the same bytes, today and in ten
years.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from klima_controlling.budget.rules import Budget
from klima_controlling.codes import BudgetStage
from klima_controlling.indicators.model import Indicator, Value
from klima_controlling.reconciliation.rules import Reconciliation, Saving, Sum
from klima_controlling.status.rules import Judged
from klima_shared.codes.action import FieldOfAction, Light, MeasureStatus, Phase
from klima_shared.codes.energy import Sector
from klima_shared.language.text import Label, Text

SCHEMA: Final = 1
Row = list[Any]


@dataclass(frozen=True)
class Inputs:
    """Everything a report is made of. `measures`: (sheet, status on the day)."""

    region: Mapping[str, Any]
    year: int
    as_of: str
    balances: Sequence[Mapping[str, Any]]
    lights: Sequence[Judged]
    indicators: Sequence[tuple[Indicator, Value]]
    measures: Sequence[tuple[Mapping[str, Any], str]]
    savings: Sequence[Saving]
    budget: Budget
    reconciliation: Reconciliation


_EXACT: Final = Context(
    prec=400, rounding=ROUND_HALF_UP
)  # as long as any figure is; the default ends after 28 digits


def digits(value: float | Decimal | None, decimals: int) -> str | None:
    """A figure as every form prints it: rounded half away from zero, with a point. None: not
    known."""
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)
    return format(rounded or abs(rounded), "f")


def compose(inputs: Inputs) -> dict[str, Any]:
    """The content of a report: sections of columns and rows. Cells are text, figures as text with a
    point, or null."""
    latest = inputs.balances[-1] if inputs.balances else None
    return {
        "schema": SCHEMA,
        "region": {n: inputs.region[n] for n in ("ags", "name", "kind")},
        "year": inputs.year,
        "as_of": inputs.as_of,
        "example": any(sheet.get("example") for sheet, _ in inputs.measures),
        "sources": list(latest["meta"]["sources"]) if latest else [],
        "licence": latest["meta"]["licence"] if latest else None,
        "attribution": latest["meta"]["attribution"] if latest else None,
        "factor_set": latest["factor_set"]["version"] if latest else None,
        "sections": [
            _key_figures(latest),
            _sectors(inputs.balances),
            _targets(inputs.lights),
            _indicators(inputs.indicators),
            _measures(inputs.measures, inputs.savings),
            _budget(inputs.budget),
            _reconciliation(inputs.reconciliation),
        ],
    }


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write a content down."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _section(
    identity: str, title: Text, columns: Sequence[tuple[str, Text, str | None]], rows: Sequence[Row]
) -> Any:
    """`columns`: (name, heading, unit); unit "" for a figure without one, None for text."""
    heads = [{"name": n, "de": text.de, "en": text.en, "unit": unit} for n, text, unit in columns]
    return {
        "id": identity,
        "de": title.de,
        "en": title.en,
        "columns": heads,
        "rows": [list(row) for row in rows],
    }


def _both(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}


def _key_figures(document: Mapping[str, Any] | None) -> Any:
    totals = document["totals"] if document else {}
    year = str(document["year"]) if document else None
    rows = [
        [_both(label), year, digits(totals.get(name), decimals), unit]
        for name, label, decimals, unit in (
            (
                "bisko_t_co2e",
                Label("Treibhausgase (BISKO)", "Greenhouse gases (BISKO)"),
                0,
                "t CO2e",
            ),
            ("bisko_t_co2e_per_inhabitant", Label("je Einwohner", "per inhabitant"), 1, "t CO2e"),
            ("final_energy_mwh", Label("Endenergie", "Final energy"), 0, "MWh"),
            (
                "agriculture_t_co2e",
                Label("Landwirtschaft, daneben", "Agriculture, beside it"),
                0,
                "t CO2e",
            ),
            ("land_use_t_co2e", Label("Landnutzung, daneben", "Land use, beside it"), 0, "t CO2e"),
            (
                "renewable_generation_mwh",
                Label("Erneuerbarer Strom vor Ort", "Local renewable power"),
                0,
                "MWh",
            ),
        )
    ]
    quality = document.get("data_quality") if document else None
    rows.append(
        [_both(Label("Datengüte (0 bis 1)", "Data quality (0 to 1)")), year, digits(quality, 2), ""]
    )
    columns = [
        ("label", Label("Größe", "Figure"), None),
        ("year", Label("Jahr", "Year"), None),
        ("value", Label("Wert", "Value"), ""),
        ("unit", Label("Einheit", "Unit"), None),
    ]
    return _section("key_figures", Label("Auf einen Blick", "At a glance"), columns, rows)


def _sectors(documents: Sequence[Mapping[str, Any]]) -> Any:
    rows = [
        [
            str(d["year"]),
            _both(Label(Sector(row["sector"]).de, Sector(row["sector"]).en)),
            digits(row["final_energy_mwh"], 0),
            digits(row["emissions_t_co2e"], 0),
        ]
        for d in documents
        for row in d["sectors"]
    ]
    columns = [
        ("year", Label("Jahr", "Year"), None),
        ("sector", Label("Sektor", "Sector"), None),
        ("final_energy", Label("Endenergie", "Final energy"), "MWh"),
        ("emissions", Label("Treibhausgase", "Greenhouse gases"), "t CO2e"),
    ]
    return _section(
        "sectors", Label("Emissionen nach Sektoren", "Emissions by sector"), columns, rows
    )


def _targets(lights: Sequence[Judged]) -> Any:
    rows = []
    for j in lights:
        light = Light(j.light)
        rows.append(
            [
                _both(j.target.title),
                str(j.target.year),
                _both(Label(light.de, light.en)),
                str(j.actual.year) if j.actual else None,
                digits(j.actual.value if j.actual else None, 0),
                digits(j.path_value, 0),
                digits(j.gap, 0),
                digits(j.gap_percent, 1),
                _both(j.rule),
                _both(Label(j.target.decision_text("de"), j.target.decision_text("en"))),
            ]
        )
    columns = [
        ("target", Label("Ziel", "Target"), None),
        ("target_year", Label("bis", "by"), None),
        ("light", Label("Ampel", "Light"), None),
        ("year", Label("Datenjahr", "Data of"), None),
        ("actual", Label("Wert", "Value"), "t CO2e"),
        ("path_value", Label("Pfad", "Path"), "t CO2e"),
        ("gap", Label("Abstand", "Gap"), "t CO2e"),
        ("gap_percent", Label("Abstand", "Gap"), "%"),
        ("rule", Label("Rechnung", "Arithmetic"), None),
        ("decision", Label("Beschluss", "Decision"), None),
    ]
    return _section("targets", Label("Ziele und Ampeln", "Targets and lights"), columns, rows)


def _indicators(found: Sequence[tuple[Indicator, Value]]) -> Any:
    rows = []
    for indicator, value in found:
        size = abs(value.value) if value.value is not None else 0.0
        decimals = 0 if size >= 1000 else 1 if size >= 10 else 2
        rows.append(
            [
                indicator.code,
                _both(indicator.name),
                value.period,
                digits(value.value, decimals),
                indicator.unit,
                value.quality.value if value.quality else None,
                _both(value.reason) if value.reason else None,
            ]
        )
    columns = [
        ("code", Label("Kürzel", "Code"), None),
        ("name", Label("Indikator", "Indicator"), None),
        ("period", Label("Zeitraum", "Period"), None),
        ("value", Label("Wert", "Value"), ""),
        ("unit", Label("Einheit", "Unit"), None),
        ("quality", Label("Güte", "Grade"), None),
        ("reason", Label("Hinweis", "Remark"), None),
    ]
    return _section("indicators", Label("Indikatoren", "Indicators"), columns, rows)


def _measures(measures: Sequence[tuple[Mapping[str, Any], str]], savings: Sequence[Saving]) -> Any:
    saved: dict[str, float] = {}
    for s in savings:
        saved[s.measure] = saved.get(s.measure, 0.0) + s.t_co2e
    fields = {f.value: f for f in FieldOfAction}
    order = {f.value: f.rank for f in FieldOfAction}
    rows = []
    for sheet, status in sorted(
        measures, key=lambda m: (order.get(m[0]["field"], 99), m[0]["number"])
    ):
        field = fields.get(sheet["field"])
        phase, light = Phase(sheet["phase"]), MeasureStatus(status)
        amounts = [Decimal(c["amount_eur"]) for c in sheet["costs"] if c["amount_eur"] is not None]
        rows.append(
            [
                sheet["number"],
                sheet["title"],
                _both(Label(field.de, field.en)) if field else sheet["field"],
                _both(Label(phase.de, phase.en)),
                _both(Label(light.de, light.en)),
                digits(saved.get(str(sheet["id"])), 0),
                digits(sum(amounts, Decimal(0)), 2) if amounts else None,
                str(sheet["revision"]),
            ]
        )
    columns = [
        ("number", Label("Nummer", "Number"), None),
        ("title", Label("Maßnahme", "Measure"), None),
        ("field", Label("Handlungsfeld", "Field of action"), None),
        ("phase", Label("Phase", "Phase"), None),
        ("status", Label("Stand", "State"), None),
        ("saving", Label("Einsparung im Jahr", "Saving a year"), "t CO2e"),
        ("cost", Label("Kosten", "Cost"), "EUR"),
        ("revision", Label("Fassung", "Revision"), None),
    ]
    return _section("measures", Label("Maßnahmen", "Measures"), columns, rows)


def _budget(found: Budget) -> Any:
    rows: list[Row] = [
        [_both(Label(s.de, s.en)), digits(found.totals.get(s), 2), None]
        for s in BudgetStage
        if s in found.totals
    ]
    without = Text("Measures without an amount (in no sum)")
    rows.append([_both(without), None, str(found.unquantified)])
    columns = [
        ("stage", Label("Stand", "Stage"), None),
        ("amount", Label("Betrag", "Amount"), "EUR"),
        ("count", Label("Anzahl", "Count"), ""),
    ]
    return _section("budget", Label("Haushalt", "Budget"), columns, rows)


def _reconciliation(r: Reconciliation) -> Any:
    def row(label: Text, found: Sum) -> Row:
        return [_both(label), digits(found.t_co2e, 0), str(found.measures), str(found.not_counted)]

    span = f"{r.from_year}–{r.to_year}" if r.change_t_co2e is not None else ""
    rows: list[Row] = [
        [
            _both(Text("Change of the balance {span}", span=span)),
            digits(r.change_t_co2e, 0),
            None,
            None,
        ],
        row(
            Label(
                "Einsparung laufender Maßnahmen, im Jahr", "Saving of measures under way, a year"
            ),
            r.effective,
        ),
        row(Label("davon nachgewiesen", "of it shown with evidence"), r.achieved),
        row(
            Label("Einsparung geplanter Maßnahmen, im Jahr", "Saving of planned measures, a year"),
            r.planned,
        ),
        row(Label("außerhalb der BISKO-Bilanz", "outside of the BISKO balance"), r.beside_bisko),
        [
            _both(Label("Maßnahmen ohne bezifferte Einsparung", "Measures without a figure")),
            None,
            str(r.not_quantified),
            None,
        ],
    ]
    columns = [
        ("label", Label("Größe", "Figure"), None),
        ("amount", Label("Menge", "Amount"), "t CO2e"),
        ("measures", Label("Maßnahmen", "Measures"), ""),
        ("overlaps", Label("Überschneidungen", "Overlaps"), ""),
    ]
    title = Text("Balance and measures side by side (never added)")
    return _section("reconciliation", title, columns, rows)
