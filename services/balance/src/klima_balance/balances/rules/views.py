"""Views of a stored balance: local electricity mix, weather-corrected, other factors. Never stored,
never the balance.

They work on the document and the records of a balance, so a view of a county needs no recomputation
and always belongs to the version that it stands beside.
"""

from collections.abc import Callable
from typing import Final

from klima_balance.engine.rows import COUNTED
from klima_balance.engine.statistics import ENTERED
from klima_balance.method.equation import tonnes_per_unit
from klima_balance.method.expected import more_than
from klima_balance.method.factors import carrier_factor, find
from klima_balance.method.model import Method
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject

LABEL: Final = Label("nicht BISKO-konform", "not conformant with BISKO")
UPSTREAM: Final = {
    "photovoltaics": "pv_electricity",
    "wind": "wind_electricity",
    "hydro": "hydro_electricity",
    "biomass": "biogas",
}
"""The category of a technology's upstream chains."""
Cell = Json


def weather_factor(
    space_heating_share: float, mean_degree_days: float, degree_days: float
) -> float:
    """By how much energy changes when the year's heating is taken to the long-term mean."""
    if not (mean_degree_days > 0 and degree_days > 0):
        raise InputError.at("degree_days", degree_days, more_than("0"))
    return (1.0 - space_heating_share) + space_heating_share * mean_degree_days / degree_days


def heating_of(method: Method, mean_degree_days: float, degree_days: float) -> dict[str, float]:
    """By sector, how much more energy a year took than a mean one."""
    rows = zip(method.weather["sector"], method.weather["space_heating_share"], strict=True)
    return {
        str(sector): 1.0 / weather_factor(float(share), mean_degree_days, degree_days)
        for sector, share in rows
    }


def weather(
    document: Json, method: Method, mean_degree_days: float, degree_days: float
) -> JsonObject:
    """Energy and emissions with the heating of a mean year; transport is not corrected. A mild year
    goes up."""
    rows = zip(method.weather["sector"], method.weather["space_heating_share"], strict=True)
    factors = {
        str(s): weather_factor(float(share), mean_degree_days, degree_days) for s, share in rows
    }

    def changed(cell: Cell) -> tuple[float, float]:
        factor = factors[cell["sector"]]
        return cell["final_energy_mwh"] * factor, cell["emissions_t_co2e"] * factor

    parameters = {
        "mean_degree_days": mean_degree_days,
        "degree_days": degree_days,
        "factors": factors,
    }
    return _view("weather", document, changed, parameters)


def entered_degree_days(record: Json) -> JsonObject:
    """The degree days of a year and their mean, as the municipality entered both, with source and
    grade; nothing where it did not."""
    known = record.get("statistics", {})
    names = ("degree_days", "mean_degree_days")
    if not all(known.get(name, {}).get("flag") == ENTERED for name in names):
        return {}
    found = {name: known[name]["value"] for name in names}
    return found | {name: known[names[0]][name] for name in ("source", "grade")}


def local_mix(document: Json, method: Method, local_g_per_kwh: float | None = None) -> JsonObject:
    """Electricity with the mix of local generation and, for the rest, the federal one; heat pumps
    included. Without a figure of its own, local generation has the upstream chains of its
    technologies."""
    federal = carrier_factor(
        method, document["factor_set"]["id"], "electricity", "stationary", document["year"]
    ).value
    use, generation = (
        document["totals"]["electricity_use_mwh"],
        document["totals"]["renewable_generation_mwh"],
    )
    if use is None or generation is None or use <= 0:
        raise InputError.at(
            "renewables", generation, Text("a balance with local generation and electricity use")
        )
    technologies: list[JsonObject] = []
    if local_g_per_kwh is None:
        technologies = _upstream(document, method)
        local_g_per_kwh = (
            sum(row["generation_mwh"] * row["g_per_kwh"] for row in technologies) / generation
            if generation
            else 0.0
        )
    share = min(1.0, generation / use)
    mix = share * local_g_per_kwh + (1.0 - share) * federal
    ratio = mix / federal

    def changed(cell: Cell) -> tuple[float, float]:
        # Ambient heat carries the federal mix / 3.2: it changes in the same ratio.
        electric = Carrier(cell["carrier"]).electric or cell["carrier"] == Carrier.AMBIENT_HEAT
        return cell["final_energy_mwh"], cell["emissions_t_co2e"] * (ratio if electric else 1.0)

    parameters = {
        "local_share": share,
        "local_g_per_kwh": local_g_per_kwh,
        "federal_g_per_kwh": federal,
        "mix_g_per_kwh": mix,
        "technologies": technologies,
    }
    return _view("local_mix", document, changed, parameters)


def _upstream(document: Json, method: Method) -> list[JsonObject]:
    """Generation and upstream chains of each technology, by the factor set of the balance. Raises
    `InputError` for a set that has none of them: sets are never mixed."""
    chosen, found = document["factor_set"]["id"], []
    for row in document["blocks"]["renewables"]:
        if not row["generation_mwh"]:
            continue
        category = UPSTREAM[row["category"]]
        factor = find(method, chosen, category, document["year"])
        if factor is None:
            expected = Text(
                "a set with a factor for {category}, or local_g_per_kwh", category=category
            )
            raise InputError.at("factor_set", chosen, expected)
        found.append(
            {
                "technology": row["category"],
                "generation_mwh": row["generation_mwh"],
                "g_per_kwh": factor.value,
                "source": factor.source,
                "certainty": factor.certainty,
            }
        )
    return found


def other_factors(
    document: Json,
    run: Json,
    record: Json,
    method: Method,
    *,
    factor_set: str | None,
    gwp_set: str | None,
) -> JsonObject:
    """The same activities with the factors of another set, or (agriculture) with the GWP of another
    report.

    Sets are never mixed: cells for which the other set has no factor are left out and named, and
    `balance` then holds the figures of the same cells.
    """
    year, own = document["year"], document["factor_set"]["id"]
    chosen, left_out = factor_set or own, set()

    def changed(cell: Cell) -> tuple[float, float] | None:
        energy, emissions = cell["final_energy_mwh"], cell["emissions_t_co2e"]
        use = "transport" if cell["sector"] == Sector.TRANSPORT else "stationary"
        old = carrier_factor(method, own, cell["carrier"], use, year)
        try:
            new = carrier_factor(method, chosen, cell["carrier"], use, year)
        except InputError:
            left_out.add(f"{cell['sector']}.{cell['carrier']}")
            return None
        # In proportion, so that a network's own factor of district heat and moved drive power stay
        # what they are.
        own_heat = (
            cell["carrier"] == Carrier.DISTRICT_HEAT
            and abs(emissions - energy * old.t_per_unit) > 1e-6 * emissions
        )
        return (
            energy,
            emissions
            if own_heat or not old.t_per_unit
            else emissions * new.t_per_unit / old.t_per_unit,
        )

    view = _view(
        "factors",
        document,
        changed,
        {"factor_set": chosen, "compared_with": own, "gwp_set": gwp_set},
    )
    view["parameters"]["cells_left_out"] = sorted(left_out)
    if gwp_set is not None:
        view["agriculture_t_co2e"] = _agriculture(run, record, method, gwp_set)
    return view


def _agriculture(run: Json, record: Json, method: Method, gwp_set: str) -> float:
    total = 0.0
    for index, state, quantity, _, _ in record["lines"]:
        line = run["lines"][index]
        if (
            line["block"] == "agriculture"
            and state == COUNTED
            and quantity is not None
            and not line["memo"]
        ):
            factor = line["factor"]
            gwp = method.gwp_of(factor["gas"], gwp_set)
            total += quantity * tonnes_per_unit(factor["value"], factor["unit"], gwp)
    return total


def _view(
    name: str,
    document: Json,
    changed: Callable[[Cell], tuple[float, float] | None],
    parameters: JsonObject,
) -> JsonObject:
    covered = [0.0, 0.0]
    sectors: dict[str, list[float]] = {}
    carriers: dict[str, list[float]] = {}
    for cell in document["cells"]:
        seen = changed(cell)
        if seen is None:
            continue
        energy, emissions = seen
        covered[0] += cell["final_energy_mwh"]
        covered[1] += cell["emissions_t_co2e"]
        for sums, key in ((sectors, cell["sector"]), (carriers, cell["carrier"])):
            total = sums.setdefault(key, [0.0, 0.0])
            total[0] += energy
            total[1] += emissions
    final = [sum(total[i] for total in sectors.values()) for i in (0, 1)]
    population = document["region"]["population"]
    return {
        "view": name,
        "parameters": parameters,
        "totals": {
            "final_energy_mwh": final[0],
            "emissions_t_co2e": final[1],
            "emissions_t_co2e_per_inhabitant": final[1] / population if population else None,
        },
        "balance": {
            "final_energy_mwh": covered[0],
            "emissions_t_co2e": covered[1],
            "agriculture_t_co2e": document["totals"]["agriculture_t_co2e"],
        },
        "sectors": [
            {"key": k, "final_energy_mwh": v[0], "emissions_t_co2e": v[1]}
            for k, v in sectors.items()
        ],
        "carriers": [
            {"key": k, "final_energy_mwh": v[0], "emissions_t_co2e": v[1]}
            for k, v in carriers.items()
        ],
        "agriculture_t_co2e": document["totals"]["agriculture_t_co2e"],
    }
