"""How long scenarios and their uncertainty take: `./klima bench scenarios`.

From the published document to the yearly results for one municipality and for the county with its
14; from the engine's matrices for all municipalities of Germany (two scenarios, in blocks, with a
progress bar); Monte-Carlo of one balance.
"""

from __future__ import annotations

import os
import resource
import statistics as stats_of
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks.figures import Figure, figure
from klima_balance.balances.rules.document import documents
from klima_balance.engine.balance import aggregate, start_balances
from klima_balance.engine.observations import wide
from klima_balance.engine.results import Balances
from klima_balance.method import load_method
from klima_balance.method.equation import Floats
from klima_balance.method.model import Method
from klima_balance.regions.files.statistics import read_directory
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.model.assumptions import SHIPPED, Definition, ScenarioTables
from klima_balance.scenarios.model.base import Base, Place, Site
from klima_balance.scenarios.rules.base import base_of_balances, base_of_documents
from klima_balance.scenarios.rules.definition import resolve
from klima_balance.scenarios.rules.document import yearly
from klima_balance.scenarios.rules.potentials import realisable_kw
from klima_balance.scenarios.rules.projection import project
from klima_balance.scenarios.rules.uncertainty import Sampling, balance_bands, errors

YEAR, HORIZON, BLOCK, DRAWS, COUNTY = 2021, 2045, 2000, 10_000, "05974000"
LIMITS: Final = {
    "one_municipality_ms": 50.0,
    "county_and_members_ms": 200.0,
    "germany_two_scenarios_s": 30.0,
    "germany_peak_memory_mb": 4096.0,
    "monte_carlo_10000_ms": 300.0,
}


def _ms(call: Callable[[], object], repeat: int = 7) -> float:
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1000.0)
    return stats_of.median(times)


def _site(place: Place, tables: ScenarioTables, growth: dict[str, Floats]) -> Site:
    return Site(place.of("living_area_1000m2"), realisable_kw(place, tables.parameters), growth)


def _answer(
    found: list[dict[str, Any]], method: Method, tables: ScenarioTables, site: Site
) -> list[Any]:
    """Both scenarios' work is alike; `climate_protection` has more levers. Documents in, yearly
    results out."""
    base = base_of_documents(found, method, site)
    levers = resolve(Definition("climate_protection"), tables, base, HORIZON).levers
    projection = project(base, levers, HORIZON)
    return [yearly(projection, "de", n) for n in range(len(found))]


def county_figures(method: Method, tables: ScenarioTables) -> dict[str, float]:
    """One municipality, the county with its members, and the Monte-Carlo of one balance; in ms."""
    leaves = sorted(
        r for r in method.regions["region"] if str(r).startswith("05974") and r != COUNTY
    )
    single = start_balances(wide(method.statistics, YEAR, regions=leaves), method, YEAR)
    every = {**dict(documents(single)), **dict(documents(aggregate(single, {COUNTY: leaves})))}
    names = [COUNTY, *leaves]
    place = _place([every[n] for n in names], method, names)
    site = _site(place, tables, {})
    one = [every["05974040"]]
    at = names.index("05974040")
    mine = Site(site.living_area_1000m2[[at]], {t: v[[at]] for t, v in site.realisable.items()}, {})
    base = base_of_documents(one, method, mine)
    widths = tables.spreads
    return {
        "one_municipality_ms": _ms(lambda: _answer(one, method, tables, mine)),
        "county_and_members_ms": _ms(
            lambda: _answer([every[n] for n in names], method, tables, site)
        ),
        "monte_carlo_10000_ms": _ms(
            lambda: balance_bands(base, errors(base, widths, {}, Sampling(DRAWS, 1)))
        ),
    }


def _place(found: list[dict[str, Any]], method: Method, names: list[str]) -> Place:
    capacity = base_of_documents(found, method).capacity
    statistics = wide(method.statistics, YEAR, regions=names)
    take = [statistics.regions.tolist().index(n) for n in names]
    kw = {t: capacity.quantity[i] for i, t in enumerate(capacity.names)}
    mwh = {t: capacity.emissions[i] for i, t in enumerate(capacity.names)}
    return Place({k: v[take] for k, v in statistics.values.items()}, kw, mwh, len(names))


def germany(statistics_dir: Path, method: Method, tables: ScenarioTables) -> dict[str, float]:
    """Two scenarios of all municipalities, every year; results are the totals and sectors by
    region."""
    rows = read_directory(statistics_dir).rows
    now = wide(rows, YEAR)
    balances = start_balances(now, method, YEAR)
    later = wide(rows, 2024, regions=[str(r) for r in now.regions])
    begin = time.perf_counter()
    base = _germany_base(
        balances, tables, {"photovoltaics": later.column("pv_kw"), "wind": later.column("wind_kw")}
    )
    sums = {}
    with Progress(console=Console(stderr=True)) as bar:
        for kind in SHIPPED:
            task = bar.add_task(kind, total=base.size)
            sums[kind] = _all_years(base, tables, kind, partial(bar.update, task))
    seconds = time.perf_counter() - begin
    return {
        "municipalities": float(base.size),
        "germany_two_scenarios_s": seconds,
        "germany_peak_memory_mb": _peak_memory_mb(),
        "germany_base_mt": float(sums["trend"][0] / 1e6),
        **{f"germany_{kind}_{HORIZON}_mt": float(total[-1] / 1e6) for kind, total in sums.items()},
    }


def _germany_base(balances: Balances, tables: ScenarioTables, newest: dict[str, Floats]) -> Base:
    capacity = base_of_balances(balances).capacity
    assert balances.statistics is not None  # noqa: S101
    place = Place.of_statistics(balances.statistics, capacity)
    growth = {
        t: np.maximum(np.nan_to_num(v) - np.nan_to_num(place.kw(t)), 0.0) / 3.0
        for t, v in newest.items()
    }
    return base_of_balances(balances, _site(place, tables, growth))


def _all_years(base: Base, tables: ScenarioTables, kind: str, done: Callable[..., None]) -> Floats:
    """Emissions of every year, summed over the regions that have a balance."""
    total = np.zeros(HORIZON - YEAR + 1)
    for start in range(0, base.size, BLOCK):
        block = base.columns(slice(start, start + BLOCK))
        projection = project(
            block, resolve(Definition(kind), tables, block, HORIZON).levers, HORIZON
        )
        for sector in dict.fromkeys(s for s, _ in projection.base.cells):
            projection.sum(projection.emissions, projection.cells_of(sector))
        total += np.nansum(projection.bisko, axis=1)
        done(completed=min(start + BLOCK, base.size))
    return total


def _peak_memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def figures() -> dict[str, Figure]:
    """What `./klima bench scenarios` shows and judges; `KLIMA_STATISTICS` names the folder of the
    national tables."""
    method, tables = load_method(), load_scenario_tables()
    measured = county_figures(method, tables) | germany(
        Path(os.environ["KLIMA_STATISTICS"]), method, tables
    )
    units = {"ms": "ms", "s": "s", "mb": "MB", "mt": "Mt"}
    return {
        name: figure(value, units.get(name.rsplit("_", 1)[-1]), LIMITS.get(name))
        for name, value in measured.items()
    }


BENCHES: Final = {"scenarios": figures}
