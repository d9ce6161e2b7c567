"""Where a scenario's base comes from: published balances as they are served, or the engine's own
result."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from klima_balance.engine.options import DEFAULT_FACTOR_SET
from klima_balance.engine.results import Balances
from klima_balance.engine.rows import COUNTED
from klima_balance.method.equation import Floats
from klima_balance.method.factors import carrier_factor
from klima_balance.method.model import Method
from klima_balance.scenarios.model.base import Base, Rows, Site, cell_rank
from klima_shared.wire.json import JsonObject


def base_of_documents(
    documents: Sequence[JsonObject],
    method: Method,
    site: Site | None = None,
    factors: Mapping[str, float] | None = None,
) -> Base:
    """Published balances of one year and factor set as the base of scenarios."""
    first = documents[0]
    names = {(c["sector"], c["carrier"]) for d in documents for c in d["cells"]}
    cells = tuple(sorted(names, key=cell_rank))
    at = {name: i for i, name in enumerate(cells)}
    energy, emissions = np.zeros((2, len(cells), len(documents)))
    grades = [["" for _ in documents] for _ in cells]
    for n, document in enumerate(documents):
        for c in document["cells"]:
            i = at[c["sector"], c["carrier"]]
            energy[i, n], emissions[i, n] = c["final_energy_mwh"], c["emissions_t_co2e"]
            grades[i][n] = c["grade"]
    if factors is None:
        chosen = str(first.get("options", {}).get("factor_set", DEFAULT_FACTOR_SET))
        factors = default_factors(method, chosen, int(first["year"]))

    def total(name: str, block: str = "totals") -> Floats:
        return np.asarray([_nan(d[block].get(name)) for d in documents])

    return Base(
        year=int(first["year"]),
        regions=np.asarray([d["region"]["ags"] for d in documents], dtype=np.str_),
        population=total("population", "region"),
        cells=cells,
        energy=energy,
        emissions=emissions,
        grades=tuple(map(tuple, grades)),
        final_energy_total=total("final_energy_mwh"),
        bisko_total=total("bisko_t_co2e"),
        agriculture=_block(documents, "agriculture"),
        agriculture_total=total("agriculture_t_co2e"),
        land_use=_block(documents, "land_use"),
        land_use_total=total("land_use_t_co2e"),
        process_ets=total("process_ets_t_co2"),
        electricity_use=total("electricity_use_mwh"),
        generation=total("renewable_generation_mwh"),
        capacity=_block(documents, "renewables", "installed_kw", "generation_mwh"),
        factors=factors,
        power_ratio=method.parameter("heat_pump_performance_factor"),
        site=site or _unknown(len(documents)),
    )


def _unknown(size: int) -> Site:
    return Site(np.full(size, np.nan))


def _nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _block(
    documents: Sequence[JsonObject],
    block: str,
    quantity: str = "quantity",
    amount: str = "emissions_t_co2e",
) -> Rows:
    rows = [
        (n, row) for n, d in enumerate(documents) for row in d["blocks"][block] if quantity in row
    ]
    names = list(dict.fromkeys(str(row["category"]) for _, row in rows))
    quantities, amounts = np.zeros((2, len(names), len(documents)))
    for n, row in rows:
        if not row.get("memo"):
            i = names.index(str(row["category"]))
            # Several rows of one category are gases of one activity: emissions add up, heads do
            # not.
            quantities[i, n] = max(quantities[i, n], row[quantity] or 0.0)
            amounts[i, n] += row[amount] or 0.0
    return Rows(tuple(names), quantities, amounts)


def base_of_balances(balances: Balances, site: Site | None = None) -> Base:
    """The engine's own result as the base: no document in between, for all of Germany at once."""
    b, t = balances, balances.totals

    def total(name: str) -> Floats:
        return np.asarray(b.total(name), dtype=np.float64)

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
        agriculture_total=total("agriculture_t_co2e"),
        land_use=_lines(b, "land_use"),
        land_use_total=total("land_use_t_co2e"),
        process_ets=total("process_ets_t_co2"),
        electricity_use=t.electricity_use_mwh,
        generation=t.renewable_generation_mwh,
        capacity=_lines(b, "renewables"),
        factors=default_factors(b.method, b.options.factor_set, b.year),
        power_ratio=b.method.parameter("heat_pump_performance_factor"),
        site=site or _unknown(len(b.regions)),
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


@lru_cache(maxsize=64)
def default_factors(method: Method, factor_set: str, year: int) -> dict[str, float]:
    """`transport/electricity` or `stationary/biomass` -> t CO2e/MWh by the rules of the balance
    itself."""
    factors: dict[str, float] = {}
    chain = method.chain(factor_set)
    categories = set(method.factors.loc[method.factors["set"].isin(chain), "category"])
    for rule in method.carrier_factors.to_dict("records"):
        if not set(str(rule["categories"]).split(";")) <= categories:
            continue
        carrier, use = str(rule["carrier"]), str(rule["use"])
        for one in ("stationary", "transport") if use == "any" else (use,):
            factor = carrier_factor(method, factor_set, carrier, one, year)
            factors[f"{one}/{carrier}"] = factor.t_per_unit
    return factors
