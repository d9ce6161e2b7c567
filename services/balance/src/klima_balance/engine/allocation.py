"""Start balance, top-down: national final energy shared out by keys of official statistics.

E(region, sector, carrier) = E(Germany, sector, carrier) x key(region) / key(Germany)       grade D
"""

from collections.abc import Hashable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from klima_balance.engine.rows import Line, Part, Run
from klima_balance.engine.statistics import Statistics
from klima_balance.method.equation import Floats
from klima_balance.method.factors import nearest
from klima_balance.method.model import Method
from klima_shared.codes.energy import Carrier, Sector

SITE_FUEL: Final = "site_fuel"
DECLARED: Final = ("airport", "inland_port")


def living_area_without_district_heat(
    living_area: Floats, flats: Floats, flats_district_heat: Floats
) -> Floats:
    """Living area x (1 - flats on district heat / flats); where there is no flat at all, the living
    area as it is."""
    share = np.divide(flats_district_heat, flats, out=np.zeros_like(flats), where=flats > 0)
    return np.asarray(
        np.where(
            np.isnan(flats) | np.isnan(flats_district_heat), np.nan, living_area * (1.0 - share)
        )
    )


def traffic_weighted_population(
    population: Floats,
    traffic_area_ha: Floats,
    national_area_per_inhabitant: float,
    exponent: float,
) -> Floats:
    """Population x (traffic area per inhabitant / the national one) ^ exponent; 0 where nobody
    lives."""
    per_head = np.divide(
        traffic_area_ha, population, out=np.zeros_like(population), where=population > 0
    )
    weighted = population * (per_head / national_area_per_inhabitant) ** exponent
    return np.asarray(np.where(np.isnan(population) | np.isnan(traffic_area_ha), np.nan, weighted))


def key_totals(method: Method, year: int) -> tuple[dict[str, float], int]:
    """key(Germany) of the year, and that year. Between two years of the table it is interpolated as
    the regions' statistics are; outside them the nearest year serves."""
    known = sorted({int(y) for y in method.key_totals["year"]})
    table = method.key_totals.pivot(index="year", columns="key", values="value")
    used = year if known[0] < year < known[-1] else nearest(known, year)
    return {
        str(key): float(np.interp(used, table.index.to_numpy(dtype=np.float64), table[key]))
        for key in table.columns
    }, used


def keys(statistics: Statistics, method: Method, totals: dict[str, float]) -> dict[str, Floats]:
    """key(region) of every key, in the unit of its total; NaN where a statistic is missing."""
    column = statistics.column
    flats, heated = column("flats_total"), column("flats_district_heat")
    return {
        "population": column("population"),
        "flats_with_district_heat": heated,
        "flats_without_district_heat": flats - heated,
        "living_area_without_district_heat": living_area_without_district_heat(
            column("living_area_1000m2"), flats, heated
        ),
        "traffic_weighted_population": traffic_weighted_population(
            column("population"),
            column("traffic_area_ha"),
            totals["traffic_area_per_inhabitant"],
            method.parameter("traffic_exponent"),
        ),
        "agricultural_area": column("agricultural_area_ha"),
        "industry_commerce_area": column("industry_commerce_area_ha"),
        "emissions_trading_industry": column("ets_industry_t"),
    }


def national_energy(method: Method, year: int) -> tuple[pd.DataFrame, int]:
    """Allocation rules with the national MWh of the year (else the nearest), combined carriers
    split in parts. A rule for what the edition has in no year is left out: former editions have
    fewer rows."""
    used = nearest(sorted({int(y) for y in method.national_energy["year"]}), year)
    splits = method.carrier_splits[["carrier", "year", "part", "share"]]
    split = method.national_energy.merge(splits, on=["carrier", "year"], how="left")
    split["value"] = split["value"] * split["share"].fillna(1.0)
    split["carrier"] = split["part"].where(split["part"].notna(), split["carrier"])
    place = ["activity", "carrier"]
    rules = method.allocation.merge(split[place].drop_duplicates(), on=place)
    merged = rules.merge(
        split.loc[split["year"] == used, [*place, "value", "source"]],
        on=place,
        how="left",
        validate="one_to_one",
    )
    return merged, used


def allocate(run: Run) -> Part:
    """The lines of the start balance. Site fuels go to the process block as memo unless
    `industrial_sites=included`.

    Aviation and inland shipping have no key: they come from local data of the place that has the
    airport or port.
    """
    totals, _ = key_totals(run.method, run.year)
    region_keys = keys(run.statistics, run.method, totals)
    rules, used = national_energy(run.method, run.year)
    lines = [
        _line(rule, used, totals, run)
        for rule in rules.to_dict("records")
        if rule["condition"] not in DECLARED
    ]
    lines.sort(
        key=lambda line: (
            line.block != "bisko",
            Sector(line.sector).rank,
            Carrier(line.carrier).rank,
            line.group,
        )
    )
    key = np.vstack([region_keys[line.key] for line in lines])
    share = np.asarray([[line.national or 0.0, line.key_germany or 1.0] for line in lines])
    quantity = share[:, :1] * key / share[:, 1:]
    return Part(tuple(lines), quantity, key, np.zeros(key.shape, dtype=bool))


def _line(rule: Mapping[Hashable, Any], used: int, totals: dict[str, float], run: Run) -> Line:
    sector, carrier, key = str(rule["sector"]), str(rule["carrier"]), str(rule["key"])
    memo = rule["condition"] == SITE_FUEL and run.options.industrial_sites == "separate"
    name = Carrier(carrier)
    return Line(
        block="process_ets" if memo else "bisko",
        sector=sector,
        carrier=carrier,
        group=str(rule["group"]),
        item="site_fuel" if memo else "",
        label_de=f"Standortbrennstoffe: {name.de}" if memo else name.de,
        label_en=f"Site fuels: {name.en}" if memo else name.en,
        unit="MWh",
        kind="allocated",
        grade=str(rule["grade"]),
        key=key,
        source=str(rule["source"]),
        factor=run.factor(sector, carrier),
        national=float(rule["value"]),
        national_year=used,
        key_germany=totals[key],
        condition=str(rule["condition"]),
        memo=memo,
        note=str(rule["note"]),
    )
