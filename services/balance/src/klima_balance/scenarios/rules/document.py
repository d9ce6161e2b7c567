"""A scenario and its yearly results as JSON values; missing figures are null, never zero."""

from collections.abc import Sequence
from typing import SupportsFloat

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.method.sources import source_in
from klima_balance.scenarios.model.assumptions import Lever, LeverKind
from klima_balance.scenarios.rules.contributions import METHOD, Contributions
from klima_balance.scenarios.rules.projection import Projection
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.numbers import Lang
from klima_shared.wire.json import JsonObject

UNITS = {
    LeverKind.DEMAND_CHANGE: "relative change",
    LeverKind.CARRIER_SHIFT: "share",
    LeverKind.FACTOR_PATH: "g CO2e/kWh",
    LeverKind.LAND_USE_CHANGE: "share",
    LeverKind.CAPACITY: "share of the realisable rest",
}
_WITH_RATIO = (LeverKind.CARRIER_SHIFT, LeverKind.LAND_USE_CHANGE, LeverKind.CAPACITY)


def number(value: SupportsFloat) -> float | None:
    """A JSON number; NaN is null, and zero has no sign."""
    figure = float(value)
    return None if figure != figure else figure + 0.0


def lever_rows(levers: Sequence[Lever], lang: Lang, region: int = 0) -> list[JsonObject]:
    """The rows of the levers as they are used, with the value of one region where it depends on the
    region."""
    return [
        {
            "lever": row.name,
            "label": row.label.get(lang),
            "kind": row.kind,
            "sectors": list(row.sectors),
            "carriers": list(row.carriers),
            "target": row.target or None,
            "categories": list(row.categories),
            "value": _of(row.value, region),
            "unit": UNITS[LeverKind(row.kind)],
            "ratio": row.ratio if row.kind in _WITH_RATIO else None,
            "delay": row.delay or None,
            "from_year": row.from_year,
            "to_year": row.to_year,
            "shape": row.shape,
            "parameters": list(row.parameters),
            "source": source_in(row.source, lang),
            "certainty": row.certainty,
            "note": row.note,
        }
        for row in levers
    ]


def _of(value: float | Floats, region: int) -> float:
    values = np.asarray(value)
    return float(values if values.ndim == 0 else values[region if values.size > 1 else 0])


def yearly(projection: Projection, lang: Lang, region: int = 0) -> list[JsonObject]:
    """One object per year. The blocks stay beside each other: `extended` adds agriculture, `net`
    the land use."""
    p = projection
    population = number(p.base.population[region])
    sectors = [(s, p.cells_of(s)) for s in Sector if p.cells_of(s)]
    carriers = [(c, p.cells_of(None, c)) for c in Carrier if p.cells_of(None, c)]
    totals = {
        "final_energy_mwh": p.final_energy,
        "emissions_t_co2e": p.bisko,
        "agriculture_t_co2e": p.agriculture,
        "extended_t_co2e": p.bisko + p.agriculture,
        "land_use_t_co2e": p.land_use,
        "net_with_land_use_t_co2e": p.bisko + p.agriculture + p.land_use,
        "process_ets_t_co2": p.process_ets,
        "renewable_generation_mwh": p.generation,
        "electricity_use_mwh": p.electricity_use,
    }
    lists = {name: values[:, region].tolist() for name, values in totals.items()}
    parts: dict[str, list[tuple[str, str, list[float], list[float]]]] = {
        "sectors": [(s, s.label(lang), *_pair(p, at, region)) for s, at in sectors],
        "carriers": [(c, c.label(lang), *_pair(p, at, region)) for c, at in carriers],
    }
    energy, emissions = p.energy[:, :, region].T.tolist(), p.emissions[:, :, region].T.tolist()
    rows = []
    for n, year in enumerate(p.years.tolist()):
        row: JsonObject = {"year": year}
        row |= {name: number(values[n]) for name, values in lists.items()}
        row["emissions_t_co2e_per_inhabitant"] = _ratio(row["emissions_t_co2e"], population)
        row["renewable_coverage"] = _ratio(
            row["renewable_generation_mwh"], row["electricity_use_mwh"]
        )
        for name, key in (("sectors", "sector"), ("carriers", "carrier")):
            row[name] = [
                {key: code, "label": label, "final_energy_mwh": e[n], "emissions_t_co2e": m[n]}
                for code, label, e, m in parts[name]
            ]
        row["cells"] = [
            {
                "sector": s,
                "carrier": c,
                "final_energy_mwh": energy[n][i],
                "emissions_t_co2e": emissions[n][i],
            }
            for i, (s, c) in enumerate(p.base.cells)
        ]
        rows.append(row)
    return rows


def _ratio(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of


def _pair(p: Projection, at: list[int], region: int) -> tuple[list[float], list[float]]:
    return p.sum(p.energy, at)[:, region].tolist(), p.sum(p.emissions, at)[:, region].tolist()


def residual(year: JsonObject) -> JsonObject:
    """What is left in the last year, beside what the land takes up."""
    bisko, land = year["emissions_t_co2e"], year["land_use_t_co2e"]
    return {
        "year": year["year"],
        "bisko_t_co2e": bisko,
        "agriculture_t_co2e": year["agriculture_t_co2e"],
        "process_ets_t_co2": year["process_ets_t_co2"],
        "land_use_t_co2e": land,
        "bisko_with_land_use_t_co2e": None if land is None or bisko is None else bisko + land,
        "net_with_land_use_t_co2e": year["net_with_land_use_t_co2e"],
    }


_METRICS = {
    "final_energy": "final_energy_mwh",
    "bisko": "emissions_t_co2e",
    "agriculture": "agriculture_t_co2e",
    "land_use": "land_use_t_co2e",
    "process_ets": "process_ets_t_co2",
    "generation": "renewable_generation_mwh",
}


def contribution_rows(c: Contributions, lang: Lang, *, every_year: bool = False) -> JsonObject:
    """What each lever contributes in the last year (and every year): the rows sum to the
    difference."""
    difference = {key: number(c.difference(name)[-1]) for name, key in _METRICS.items()}
    rows = []
    for i, (name, row) in enumerate(zip(c.names, c.rows, strict=True)):
        line: JsonObject = {
            "lever": name,
            "label": row.label.get(lang),
            "kind": row.kind,
            "source": source_in(row.source, lang),
            "certainty": row.certainty,
        }
        line |= {key: number(c.values[metric][i, -1]) for metric, key in _METRICS.items()}
        line["sectors"] = [
            {"sector": s, "label": s.label(lang), "emissions_t_co2e": float(c.by_sector[i, n, -1])}
            for n, s in enumerate(Sector)
            if c.by_sector[i, n, -1]
        ]
        if every_year:
            line["years"] = [
                {"year": year, "emissions_t_co2e": e, "final_energy_mwh": f}
                for year, e, f in zip(
                    c.years,
                    c.values["bisko"][i].tolist(),
                    c.values["final_energy"][i].tolist(),
                    strict=True,
                )
            ]
        rows.append(line)
    rows.sort(key=lambda r: (r["emissions_t_co2e"], r["land_use_t_co2e"] or 0.0))
    return {"method": METHOD, "year": c.years[-1], "difference": difference, "levers": rows}
