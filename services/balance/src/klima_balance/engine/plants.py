"""Plants: those of emissions trading as reported, a block beside every total of BISKO; and local
renewable generation (installed kW x full-load hours), information that is never subtracted."""

import numpy as np

from klima_balance.engine.rows import Line, Part, Run
from klima_balance.method.equation import Floats
from klima_balance.method.factors import Factor

_AS_REPORTED = Factor(
    set="as_reported",
    category="ets",
    gas="CO2",
    value=1.0,
    unit="t CO2/t CO2",
    year=None,
    carried=False,
    source="verified emissions of the operator",
    certainty="verified",
    t_per_unit=1.0,
)


def plants(run: Run) -> Part:
    """All plants of industry, and cement as a memo ("of which")."""
    lines, rows = [], []
    for name, item, de, en, memo in (
        (
            "ets_industry_t",
            "ets_industry",
            "Emissionshandel, Anlagen der Industrie",
            "Emissions trading, plants of industry",
            False,
        ),
        ("ets_cement_t", "ets_cement", "davon Zement", "of which cement", True),
    ):
        values = run.statistics.column(name)
        if memo and np.isnan(values).all():
            continue
        lines.append(
            Line(
                block="process_ets",
                group="emissions_trading",
                item=item,
                label_de=de,
                label_en=en,
                unit="t CO2",
                kind="reported",
                status="measured",
                grade="A",
                key=name,
                factor=_AS_REPORTED,
                memo=memo,
            )
        )
        rows.append(values)
    quantity = np.vstack(rows)
    absent = np.zeros(quantity.shape, dtype=bool)
    for i, line in enumerate(lines):
        if line.memo:
            absent[i] = np.isnan(quantity[i])
    return Part(tuple(lines), quantity, quantity.copy(), absent)


def generation_mwh(installed_kw: Floats, full_load_hours: float) -> Floats:
    """MWh a year of an installed capacity."""
    return np.asarray(installed_kw * full_load_hours / 1000.0)


def coverage(generation: Floats, electricity_use: Floats) -> Floats:
    """Generation / local electricity use; missing where nothing is used or one of them is
    missing."""
    return np.divide(
        generation, electricity_use, out=np.full_like(generation, np.nan), where=electricity_use > 0
    )


def renewables(run: Run) -> Part:
    """One line per technology of `full_load_hours.csv`; the key is the installed capacity in kW."""
    lines, quantity, key = [], [], []
    for _, row in run.method.full_load_hours.iterrows():
        installed = run.statistics.column(str(row["statistic"]))
        hours = float(row["value"])
        lines.append(
            Line(
                block="renewables",
                group="generation",
                item=str(row["technology"]),
                label_de=str(row["label_de"]),
                label_en=str(row["label_en"]),
                unit="MWh",
                kind="generation",
                grade="C",
                key=str(row["statistic"]),
                hours=hours,
                note=f"full-load hours: {row['source']}, {row['certainty']}",
            )
        )
        quantity.append(generation_mwh(installed, hours))
        key.append(installed)
    nowhere = np.zeros(run.size, dtype=bool)
    return Part.of(lines, quantity, key, [nowhere] * len(lines), size=run.size)
