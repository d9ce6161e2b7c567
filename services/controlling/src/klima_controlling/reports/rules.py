"""The yearly report: tables whose figures are rounded once, when it is composed. Every form prints
the same digits.

`compose` is a pure function of what was read: the same inputs give the same bytes, today and in ten
years.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, cast

from klima_controlling.base.model import BudgetStage
from klima_controlling.budget.rules import Budget
from klima_controlling.indicators.model import Indicator, Value
from klima_controlling.reconciliation.rules import Reconciliation, Saving, Sum
from klima_controlling.reports.model import SECTIONS, Content, Row, Section, Words
from klima_controlling.status.model import Judged
from klima_controlling.targets.model import Target
from klima_shared.codes.action import FieldOfAction, MeasureStatus, Phase
from klima_shared.codes.energy import Block, Sector
from klima_shared.codes.labelled import Labelled
from klima_shared.language.text import Text
from klima_shared.look.digits import grade_of, worst_grade
from klima_shared.wire.balance import BalanceDocument, RegionDocument
from klima_shared.wire.measures import MeasureSheet

SCHEMA: Final = 1


@dataclass(frozen=True)
class Inputs:
    """Everything a report is made of. `measures`: (sheet, status on the day)."""

    region: RegionDocument
    year: int
    as_of: str
    balances: Sequence[BalanceDocument]
    lights: Sequence[Judged]
    indicators: Sequence[tuple[Indicator, Value]]
    measures: Sequence[tuple[MeasureSheet, str]]
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


def compose(inputs: Inputs) -> Content:
    """The content of a report: sections of columns and rows. Cells are text, figures as text with a
    point, or null."""
    latest = inputs.balances[-1] if inputs.balances else None
    return {
        "schema": SCHEMA,
        "region": {
            "ags": inputs.region["ags"],
            "name": inputs.region["name"],
            "kind": inputs.region["kind"],
        },
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


def canonical(content: Content) -> bytes:
    """The one way to write a content down."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _section(identity: str, rows: Sequence[Row]) -> Section:
    head = SECTIONS[identity]
    return {
        "id": identity,
        "de": head["de"],
        "en": head["en"],
        "columns": head["columns"],
        "rows": list(rows),
    }


def _both(text: Text | Labelled) -> Words:
    return {"de": text.de, "en": text.en}


def _labels(identity: str, **values: str) -> dict[str, Words]:
    """The labels of a section's rows, by name."""
    return {
        label["name"]: {"de": label["de"].format(**values), "en": label["en"].format(**values)}
        for label in SECTIONS[identity]["labels"]
    }


def _key_figures(document: BalanceDocument | None) -> Section:
    figures: Mapping[str, object] = {}
    if document:
        figures = {**document["totals"], "data_quality": document["data_quality"]}
    year = str(document["year"]) if document else None
    grades = _grades(document) if document else {}
    rows: list[Row] = []
    for label in SECTIONS["key_figures"]["labels"]:
        value = figures.get(label["name"])
        figure = digits(value, label["decimals"]) if isinstance(value, int | float) else None
        words: Words = {"de": label["de"], "en": label["en"]}
        rows.append([words, year, figure, label["unit"], grades.get(label["name"])])
    return _section("key_figures", rows)


def _grades(document: BalanceDocument) -> dict[str, str | None]:
    """The grades of the figures at a glance, by name; a figure without one is no quantity."""
    blocks = cast("Mapping[str, Sequence[Mapping[str, object]]]", document["blocks"])
    beside = {
        "agriculture_t_co2e": Block.AGRICULTURE,
        "land_use_t_co2e": Block.LAND_USE,
        "process_ets_t_co2": Block.PROCESS_ETS,
        "renewable_generation_mwh": Block.RENEWABLES,
    }
    names = ("bisko_t_co2e", "bisko_t_co2e_per_inhabitant", "final_energy_mwh")
    found = {name: worst_grade(blocks.get(block.value, ())) for name, block in beside.items()}
    return {**dict.fromkeys(names, grade_of(document["data_quality"])), **found}


def _sectors(documents: Sequence[BalanceDocument]) -> Section:
    rows: list[Row] = [
        [
            str(document["year"]),
            _both(Sector(row["sector"])),
            digits(row["final_energy_mwh"], 0),
            digits(row["emissions_t_co2e"], 0),
            grade_of(row.get("data_quality")),
        ]
        for document in documents
        for row in document["sectors"]
    ]
    return _section("sectors", rows)


def _targets(lights: Sequence[Judged]) -> Section:
    rows: list[Row] = []
    for j in lights:
        decimals = 0 if j.target.metric == "emissions_t_co2e" else 2
        rows.append(
            [
                _named(j.target),
                str(j.target.year),
                _both(j.label),
                str(j.actual.year) if j.actual else None,
                digits(j.actual.value if j.actual else None, decimals),
                digits(j.path_value, decimals),
                digits(j.gap, decimals),
                digits(j.gap_percent, 1),
                j.spread.grade,
                _both(j.rule),
                {"de": j.target.decision_text("de"), "en": j.target.decision_text("en")},
            ]
        )
    return _section("targets", rows)


def _named(target: Target) -> Words:
    """The title with what the target does not count."""
    title, covers = target.title, target.covers
    if covers is None:
        return _both(title)
    return {"de": f"{title.de} ({covers.de})", "en": f"{title.en} ({covers.en})"}


def _indicators(values: Sequence[tuple[Indicator, Value]]) -> Section:
    rows: list[Row] = []
    for indicator, value in values:
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
    return _section("indicators", rows)


def _measures(measures: Sequence[tuple[MeasureSheet, str]], savings: Sequence[Saving]) -> Section:
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
        rows.append(
            [
                sheet["number"],
                sheet["title"],
                _both(field) if field else sheet["field"],
                _both(phase),
                _both(light),
                digits(saved.get(str(sheet["id"])), 0),
                _cost(sheet, every_year=False),
                _cost(sheet, every_year=True),
                str(sheet["revision"]),
            ]
        )
    return _section("measures", rows)


def _cost(sheet: MeasureSheet, *, every_year: bool) -> str | None:
    """What is known of what falls due once, or every year: the two are never added."""
    amounts = [
        Decimal(row["amount_eur"])
        for row in sheet["costs"]
        if row["amount_eur"] is not None and row.get("recurring", False) is every_year
    ]
    return _money(sum(amounts, Decimal(0))) if amounts else None


def _money(amount: Decimal | None) -> str | None:
    """Cents only where there are some."""
    whole = amount is None or amount == amount.to_integral_value()
    return digits(amount, 0 if whole else 2)


def _budget(budget: Budget) -> Section:
    rows: list[Row] = [
        [_both(stage), _money(budget.totals.get(stage)), _money(budget.yearly.get(stage)), None]
        for stage in BudgetStage
        if stage in budget.totals or stage in budget.yearly
    ]
    rows.append([_labels("budget")["without_amount"], None, None, str(budget.unquantified)])
    return _section("budget", rows)


def _reconciliation(r: Reconciliation) -> Section:
    span = f"{r.from_year}–{r.to_year}" if r.change_t_co2e is not None else ""
    labels = _labels("reconciliation", span=span)

    def row(name: str, sums: Sum) -> Row:
        tonnes = digits(sums.t_co2e, 0)
        return [labels[name], tonnes, str(sums.measures), str(sums.not_counted)]

    return _section(
        "reconciliation",
        [
            [labels["change"], digits(r.change_t_co2e, 0), None, None],
            row("effective", r.effective),
            row("achieved", r.achieved),
            row("planned", r.planned),
            row("beside_bisko", r.beside_bisko),
            [labels["not_quantified"], None, str(r.not_quantified), None],
        ],
    )
