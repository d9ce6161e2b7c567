"""Where a scenario's base comes from: published balances as they are served, or the engine's own
result."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from klima_balance.engine.options import DEFAULT_FACTOR_SET
from klima_balance.engine.results import Balances
from klima_balance.engine.rows import COUNTED
from klima_balance.method.equation import Floats
from klima_balance.method.model import Method
from klima_balance.scenarios.model import Base, Rows, Site, default_factors
from klima_shared.codes.lists import Carrier, Sector


def base_of_documents(
    documents: Sequence[Mapping[str, Any]],
    method: Method,
    site: Site | None = None,
    factors: Mapping[str, float] | None = None,
) -> Base:
    """Published balances (API.md section 6) of one year and factor set as the base of scenarios."""
    first = documents[0]
    names = {(c["sector"], c["carrier"]) for d in documents for c in d["cells"]}
    cells = tuple(sorted(names, key=lambda n: (Sector(n[0]).rank, Carrier(n[1]).rank)))
    at = {name: i for i, name in enumerate(cells)}
    energy, emissions = (
        np.zeros((len(cells), len(documents))),
        np.zeros((len(cells), len(documents))),
    )
    grades = [["" for _ in documents] for _ in cells]
    for n, document in enumerate(documents):
        for c in document["cells"]:
            i = at[c["sector"], c["carrier"]]
            energy[i, n], emissions[i, n] = c["final_energy_mwh"], c["emissions_t_co2e"]
            grades[i][n] = c["grade"]
    chosen = str(first.get("options", {}).get("factor_set", DEFAULT_FACTOR_SET))
    if factors is None:
        factors = default_factors(method, chosen, int(first["year"]))

    def total(name: str) -> Floats:
        return np.asarray([_nan(d["totals"].get(name)) for d in documents])

    return Base(
        year=int(first["year"]),
        regions=np.asarray([d["region"]["ags"] for d in documents], dtype=np.str_),
        population=np.asarray([_nan(d["region"]["population"]) for d in documents]),
        cells=cells,
        energy=energy,
        emissions=emissions,
        grades=tuple(map(tuple, grades)),
        final_energy_total=total("final_energy_mwh"),
        bisko_total=total("bisko_t_co2e"),
        agriculture=_block(documents, "agriculture", "quantity"),
        agriculture_total=total("agriculture_t_co2e"),
        land_use=_block(documents, "land_use", "quantity"),
        land_use_total=total("land_use_t_co2e"),
        process_ets=total("process_ets_t_co2"),
        electricity_use=total("electricity_use_mwh"),
        generation=total("renewable_generation_mwh"),
        capacity=_block(documents, "renewables", "installed_kw", "generation_mwh"),
        factors=factors,
        power_ratio=method.parameter("heat_pump_performance_factor"),
        living_area_1000m2=_known(site, len(documents)),
        realisable=site.realisable if site else {},
        growth=site.growth if site else {},
    )


def _known(site: Site | None, size: int) -> Floats:
    return np.full(size, np.nan) if site is None else site.living_area_1000m2


def _nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _block(
    documents: Sequence[Mapping[str, Any]],
    block: str,
    quantity: str,
    amount: str = "emissions_t_co2e",
) -> Rows:
    order: dict[str, int] = {}
    for document in documents:
        for row in document["blocks"][block]:
            if quantity in row:
                order.setdefault(str(row["category"]), len(order))
    quantities, amounts = (
        np.zeros((len(order), len(documents))),
        np.zeros((len(order), len(documents))),
    )
    for n, document in enumerate(documents):
        for row in document["blocks"][block]:
            if quantity in row and not row.get("memo"):
                i = order[str(row["category"])]
                # Several rows of one category are gases of one activity: emissions add up, heads do
                # not.
                quantities[i, n] = max(quantities[i, n], row[quantity] or 0.0)
                amounts[i, n] += row[amount] or 0.0
    return Rows(tuple(order), quantities, amounts)


def base_of_balances(balances: Balances, site: Site | None = None) -> Base:
    """The engine's own result as the base: no document in between, for all of Germany at once."""
    b, t = balances, balances.totals
    return Base(
        year=b.year,
        regions=b.regions,
        population=t.population,
        cells=b.cells.names,
        energy=b.cells.energy,
        emissions=b.cells.emissions,
        grades=(),
        final_energy_total=t.final_energy_mwh,
        bisko_total=t.bisko_t_co2e,
        agriculture=_lines(b, "agriculture"),
        agriculture_total=np.asarray(b.total("agriculture_t_co2e"), dtype=np.float64),
        land_use=_lines(b, "land_use"),
        land_use_total=np.asarray(b.total("land_use_t_co2e"), dtype=np.float64),
        process_ets=np.asarray(b.total("process_ets_t_co2"), dtype=np.float64),
        electricity_use=t.electricity_use_mwh,
        generation=t.renewable_generation_mwh,
        capacity=_lines(b, "renewables"),
        factors=default_factors(b.method, b.options.factor_set, b.year),
        power_ratio=b.method.parameter("heat_pump_performance_factor"),
        living_area_1000m2=_known(site, len(b.regions)),
        realisable=site.realisable if site else {},
        growth=site.growth if site else {},
    )


def _lines(b: Balances, block: str) -> Rows:
    rows: dict[str, list[int]] = {}
    for i, line in enumerate(b.lines):
        if line.block == block and not line.memo:
            rows.setdefault(line.item, []).append(i)
    counted = b.state == COUNTED
    # Lines of one item are gases of one activity: emissions add up, the quantity is that of the
    # first.
    amounts = b.key if block == "renewables" else b.quantity
    empty = np.zeros((0, len(b.regions)))
    quantity = [np.where(counted[at], amounts[at], 0.0).max(axis=0) for at in rows.values()]
    emitted = b.quantity if block == "renewables" else b.emissions
    emissions = [np.where(counted[at], emitted[at], 0.0).sum(axis=0) for at in rows.values()]
    return Rows(tuple(rows), np.vstack([empty, *quantity]), np.vstack([empty, *emissions]))
