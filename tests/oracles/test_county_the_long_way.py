"""Kreis Soest and its 14 municipalities, computed without the engine, against the engine."""

import csv
import math
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files

import pytest

from klima_balance.balances.rules.document import document
from klima_balance.engine.balance import aggregate, start_balances
from klima_balance.engine.observations import wide
from klima_balance.method import load_method

FOLDER = files("klima_balance.method")
COUNTY = "05974000"

# What serves a carrier, written down a second time: (category, category for transport, divisor).
CATEGORIES = {
    "electricity": ["electricity"],
    "natural_gas": ["natural_gas"],
    "district_heat": ["district_heat_default"],
    "heating_oil": ["heating_oil"],
    "lpg": ["lpg_heating"],
    "coal": ["coal_mix"],
    "biomass": ["biomass"],
    "solar_thermal": ["solar_thermal"],
    "petrol": ["petrol"],
    "diesel": ["diesel"],
    "kerosene": ["kerosene"],
    "biofuels": ["biodiesel", "bio_petrol"],
    "cng": ["cng"],
}


def rows(name: str) -> Iterator[dict[str, str]]:
    with FOLDER.joinpath(f"{name}.csv").open(encoding="utf-8") as text:
        yield from csv.DictReader(text)


def factor(category: str, year: int) -> float:
    found = [r for r in rows("factors") if r["set"] == "bisko-2026.2" and r["category"] == category]
    dated = sorted(
        (abs(int(r["year"]) - year), int(r["year"]), float(r["value"])) for r in found if r["year"]
    )
    return dated[0][2] if dated else float(found[0]["value"])


def carrier_factor(sector: str, carrier: str, year: int) -> float:
    if carrier == "ambient_heat":
        return factor("electricity", year) / 3.2
    if carrier == "lpg" and sector == "transport":
        return factor("lpg_fuel", year)
    found = [factor(category, year) for category in CATEGORIES[carrier]]
    return sum(found) / len(found)


def statistic(year: int) -> dict[str, dict[str, float]]:
    """Per municipality: the value of the year; between two known years the straight line, outside
    them the nearest year. Corrections come first; what is implausible serves where nothing else
    exists."""
    known: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    doubtful: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for r in sorted(rows("statistics"), key=lambda r: r["flag"] == "correction"):
        kept = doubtful if r["flag"] == "implausible" else known
        kept[r["region"], r["statistic"]][int(r["year"])] = float(r["value"])
    result: dict[str, dict[str, float]] = defaultdict(dict)
    for region, name in {*known, *doubtful}:
        if not region.endswith("000"):
            series = known.get((region, name)) or doubtful[region, name]
            result[region][name] = at_year(series, year)
    return result


def at_year(series: dict[int, float], year: int) -> float:
    before = max((y for y in series if y <= year), default=None)
    after = min((y for y in series if y >= year), default=None)
    if before is None or after is None:
        return series[min(series) if before is None else max(series)]
    if before == after:
        return series[before]
    return series[before] + (series[after] - series[before]) * (year - before) / (after - before)


def key(name: str, s: dict[str, float], per_head: float) -> float:
    return {
        "population": lambda: s["population"],
        "flats_with_district_heat": lambda: s["flats_district_heat"],
        "flats_without_district_heat": lambda: s["flats_total"] - s["flats_district_heat"],
        "living_area_without_district_heat": lambda: (
            s["living_area_1000m2"] * (1 - s["flats_district_heat"] / s["flats_total"])
        ),
        "traffic_weighted_population": lambda: (
            s["population"] * math.pow(s["traffic_area_ha"] / s["population"] / per_head, 0.4)
        ),
        "agricultural_area": lambda: s["agricultural_area_ha"],
        "industry_commerce_area": lambda: s["industry_commerce_area_ha"],
    }[name]()


def cells(s: dict[str, float], year: int) -> dict[tuple[str, str], tuple[float, float]]:
    """(sector, carrier) -> MWh, t CO2e of a municipality."""
    national = {
        (r["activity"], r["carrier"]): float(r["value"])
        for r in rows("national_final_energy")
        if int(r["year"]) == year
    }
    germany: dict[str, dict[int, float]] = defaultdict(dict)
    for r in rows("key_totals"):
        germany[r["key"]][int(r["year"])] = float(r["value"])
    totals = {name: at_year(series, year) for name, series in germany.items()}
    solar = {2018: 0.405, 2019: 0.3783, 2021: 0.3304, 2022: 0.3287}[year]
    energy: dict[tuple[str, str], list[float]] = defaultdict(list)
    for rule in rows("allocation"):
        if rule["condition"]:
            continue
        carrier, combined = rule["carrier"], "solar_thermal_and_ambient_heat"
        if carrier in ("solar_thermal", "ambient_heat"):
            whole = national[rule["activity"], combined] * (
                solar if carrier == "solar_thermal" else 1 - solar
            )
        else:
            whole = national[rule["activity"], carrier]
        share = key(rule["key"], s, totals["traffic_area_per_inhabitant"]) / totals[rule["key"]]
        energy[rule["sector"], carrier].append(whole * share)
    for sector in ("households", "commerce", "industry"):
        energy[sector, "electricity"].append(-math.fsum(energy[sector, "ambient_heat"]) / 3.2)
    return {
        at: (math.fsum(parts), math.fsum(parts) * carrier_factor(*at, year) / 1000)
        for at, parts in energy.items()
    }


def herds(s: dict[str, float], year: int) -> dict[str, float]:
    """The state's herd of the year, shared out by agricultural area; and that area itself."""
    state: dict[str, dict[int, float]] = defaultdict(dict)
    for r in rows("statistics"):
        if r["region"] == "05000000":
            state[r["statistic"]][int(r["year"])] = float(r["value"])
    share = s["agricultural_area_ha"] / at_year(state["agricultural_area_ha"], year)
    return {name: at_year(series, year) * share for name, series in state.items()}


def agriculture(s: dict[str, float]) -> float:
    """North Rhine-Westphalia, submission 2023, AR5."""
    gwp = {"CH4": 28, "N2O": 265, "CO2": 1}
    table = [r for r in rows("agriculture") if r["submission"] == "2023" and r["activity"]]
    own = {(r["group"], r["item"], r["gas"]) for r in table if r["region"] == "05"}
    found = []
    for r in table:
        if r["region"] == "DG" and (r["group"], r["item"], r["gas"]) in own:
            continue
        if r["activity"] in s:
            found.append(s[r["activity"]] * float(r["value"]) * gwp[r["gas"]] / 1000)
    return math.fsum(found)


def land_use(s: dict[str, float]) -> float:
    return math.fsum(
        [
            s["forest_ha"] * -3.88,
            s["agricultural_area_ha"] * 0.26,
            s["woods_ha"] * -0.94,
            s["heath_ha"] * -0.78,
            s["moor_ha"] * 38.8,
            s["marsh_ha"] * -1.42,
            (s["settlement_area_ha"] + s["traffic_area_ha"]) * 0.32,
        ]
    )


def generation(s: dict[str, float]) -> float:
    return (
        s["pv_kw"] * 930 + s["wind_kw"] * 2000 + s["biomass_kw"] * 5500 + s["hydro_kw"] * 4000
    ) / 1000


@pytest.mark.parametrize("year", [2018, 2019, 2021, 2022])
def test_every_figure_of_the_county_a_second_time(year: int) -> None:
    method = load_method()
    engine = start_balances(wide(method.statistics, year), method, year)
    known = statistic(year)
    assert sorted(known) == [str(region) for region in engine.regions]
    sums: dict[str, list[float]] = defaultdict(list)
    for region, s in known.items():
        doc = document(engine, region)
        expected = cells(s, year)
        assert {(c["sector"], c["carrier"]) for c in doc["cells"]} == set(expected)
        for c in doc["cells"]:
            mwh, tonnes = expected[c["sector"], c["carrier"]]
            assert c["final_energy_mwh"] == pytest.approx(mwh, rel=1e-9)
            assert c["emissions_t_co2e"] == pytest.approx(tonnes, rel=1e-9)
        bisko = math.fsum(tonnes for _, tonnes in expected.values())
        farms = agriculture(herds(s, year))
        totals = {
            "final_energy_mwh": math.fsum(mwh for mwh, _ in expected.values()),
            "bisko_t_co2e": bisko,
            "agriculture_t_co2e": farms,
            "extended_t_co2e": bisko + farms,
            "land_use_t_co2e": land_use(s),
            "net_with_land_use_t_co2e": bisko + farms + land_use(s),
            "process_ets_t_co2": s["ets_industry_t"],
            "renewable_generation_mwh": generation(s),
        }
        for name, value in totals.items():
            assert doc["totals"][name] == pytest.approx(value, rel=1e-9), (region, name)
            sums[name].append(value)
    county = document(aggregate(engine), COUNTY)
    for name, parts in sums.items():
        assert county["totals"][name] == pytest.approx(math.fsum(parts), rel=1e-9), name
