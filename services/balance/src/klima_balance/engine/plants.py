"""Plants of emissions trading as reported: a block of its own, beside every total of BISKO."""

import numpy as np

from klima_balance.engine.rows import Line, Part
from klima_balance.engine.statistics import Statistics
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


def plants(statistics: Statistics) -> Part:
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
        values = statistics.column(name)
        if memo and np.isnan(values).all():
            continue
        lines.append(
            Line(
                block="process_ets",
                sector="",
                carrier="",
                group="emissions_trading",
                item=item,
                label_de=de,
                label_en=en,
                unit="t CO2",
                kind="reported",
                status="measured",
                grade="A",
                key=name,
                source="",
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
