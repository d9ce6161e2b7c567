"""Local renewable generation: installed kW x full-load hours. Information beside the balance, never
subtracted."""

import numpy as np

from klima_balance.engine.rows import Line, Part, part
from klima_balance.engine.statistics import Statistics
from klima_balance.method.equation import Floats
from klima_balance.method.model import Method


def generation_mwh(installed_kw: Floats, full_load_hours: float) -> Floats:
    """MWh a year of an installed capacity."""
    return np.asarray(installed_kw * full_load_hours / 1000.0)


def coverage(generation: Floats, electricity_use: Floats) -> Floats:
    """Generation / local electricity use; missing where nothing is used or one of them is
    missing."""
    return np.divide(
        generation, electricity_use, out=np.full_like(generation, np.nan), where=electricity_use > 0
    )


def renewables(statistics: Statistics, method: Method) -> Part:
    """One line per technology of `full_load_hours.csv`; the key is the installed capacity in kW."""
    lines, quantity, key = [], [], []
    for _, row in method.full_load_hours.iterrows():
        installed = statistics.column(str(row["statistic"]))
        hours = float(row["value"])
        lines.append(
            Line(
                block="renewables",
                sector="",
                carrier="",
                group="generation",
                item=str(row["technology"]),
                label_de=str(row["label_de"]),
                label_en=str(row["label_en"]),
                unit="MWh",
                kind="generation",
                status="estimated",
                grade="C",
                key=str(row["statistic"]),
                source="",
                factor=None,
                hours=hours,
                note=f"full-load hours: {row['source']}, {row['certainty']}",
            )
        )
        quantity.append(generation_mwh(installed, hours))
        key.append(installed)
    nowhere = np.zeros(statistics.size, dtype=bool)
    return part(lines, quantity, key, [nowhere] * len(lines), statistics.size)
