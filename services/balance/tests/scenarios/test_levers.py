"""What can't be is refused with the lever named; the shipped tables are complete and honest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from klima_balance.method import load_method
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.model.assumptions import Definition, Lever
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.definition import resolve
from klima_balance.scenarios.rules.levers import LeverError, check
from klima_shared.codes.quality import Certainty
from klima_shared.language.errors import InputError

TABLES = load_scenario_tables()


def row(**more: Any) -> dict[str, Any]:
    return {"lever": "mine", "kind": "demand_change", "value": -0.1, "source": "test", **more}


def refused(
    base: Base, *rows: dict[str, Any], kind: str = "none", horizon: int = 2045, **more: Any
) -> InputError:
    with pytest.raises(InputError) as caught:
        resolve(Definition(kind, levers=rows, **more), TABLES, base, horizon)
    return caught.value


SHIFT = {
    "kind": "carrier_shift",
    "carriers": ["natural_gas"],
    "target": "ambient_heat",
    "value": 0.5,
}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": -1.2}, "value"),
        ({"value": float("nan")}, "value"),
        ({**SHIFT, "value": 1.01}, "value"),
        ({**SHIFT, "value": -0.01}, "value"),
        ({**SHIFT, "target": None}, "carriers"),
        ({**SHIFT, "target": "natural_gas"}, "target"),
        ({**SHIFT, "ratio": 0.0}, "ratio"),
        ({"kind": "wish"}, "kind"),
        ({"shape": "zigzag"}, "shape"),
        ({"sectors": ["farms"]}, "sectors"),
        ({"carriers": ["plutonium"]}, "carriers"),
        ({"categories": ["unicorns"]}, "categories"),
        ({"from_year": 2035, "to_year": 2030}, "to_year"),
        ({"from_year": 2030, "to_year": 2030}, "to_year"),
        ({"from_year": 2019, "to_year": 2030}, "from_year"),
        ({"kind": "factor_path", "value": -5.0, "carriers": ["electricity"]}, "value"),
        ({"kind": "factor_path", "value": 5.0}, "carriers"),
        ({"kind": "land_use_change", "value": 0.1}, "categories"),
        ({"kind": "capacity", "value": 1.5, "categories": ["wind"]}, "value"),
        (
            {"delay": -1.0, "kind": "land_use_change", "categories": ["cropland"], "value": 0.1},
            "delay",
        ),
    ],
)
def test_a_wrong_lever_is_refused_by_name(
    small_base: Base, wrong: dict[str, Any], field: str
) -> None:
    error = refused(small_base, row(**wrong))
    assert isinstance(error, LeverError)
    assert error.lever == "mine"
    assert error.place.field == f"levers.mine.{field}"
    assert "mine" in str(error)


def test_overlapping_shifts_above_the_whole_are_refused(small_base: Base) -> None:
    """60 % of all gas, and 50 % of the households' gas on top; 40 % would do."""
    rows = [
        row(**SHIFT | {"lever": "first", "value": 0.6}),
        row(**SHIFT | {"lever": "second", "sectors": ["households"]}),
    ]
    error = refused(small_base, *rows)
    assert isinstance(error, LeverError)
    assert (error.lever, error.place.field) == ("second", "levers.second.overlap")
    assert "first" in error.expected.en
    rows[1]["value"] = 0.4
    assert (
        len(resolve(Definition("none", levers=tuple(rows)), TABLES, small_base, 2045).levers) == 2
    )


def test_shifts_that_overlap_only_for_a_while_are_refused(small_base: Base) -> None:
    early = row(**SHIFT | {"lever": "early", "value": 0.9, "to_year": 2025})
    late = row(**SHIFT | {"lever": "late", "value": 0.2, "from_year": 2040})
    assert refused(small_base, early, late).place.field == "levers.late.overlap"


def test_rows_of_one_lever_take_away_at_most_the_whole(small_base: Base) -> None:
    error = refused(small_base, row(value=-0.6), row(value=-0.6, sectors=["households"]))
    assert error.place.field == "levers.mine.value"


def test_a_carrier_has_one_factor_path_and_a_lever_one_kind(small_base: Base) -> None:
    path = {"kind": "factor_path", "carriers": ["electricity"], "value": 100.0}
    assert (
        refused(small_base, row(**path, lever="a"), row(**path, lever="b")).place.field
        == "levers.b.overlap"
    )
    assert refused(small_base, row(**path), row()).place.field == "levers.mine.kind"


def test_a_horizon_before_the_base_is_refused(small_base: Base) -> None:
    assert refused(small_base, horizon=2019).place.field == "horizon"
    assert refused(small_base, horizon=2020).place.field == "horizon"


def test_unknown_levers_and_parameters_are_refused_by_name(small_base: Base) -> None:
    error = refused(small_base, kind="trend", without=("no_such_lever",))
    assert isinstance(error, LeverError)
    assert error.lever == "no_such_lever"
    assert (
        refused(small_base, kind="trend", parameters={"no.such": 1.0}).place.field
        == "parameters.no.such"
    )


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("fossil_heat_replaced.climate_protection", 120.0),
        ("wind_area_per_mw", 0.0),
        ("pv_hours", -1.0),
        ("electric_mileage_2045.climate_protection", 20.0),
        ("renovation_rate.climate_protection", float("inf")),
    ],
)
def test_parameters_that_make_a_lever_impossible_are_refused(
    small_base: Base, parameter: str, value: float
) -> None:
    error = refused(small_base, kind="climate_protection", parameters={parameter: value})
    assert str(error)


def test_shipped_scenarios_pass_their_own_checks(small_base: Base) -> None:
    for kind in ("trend", "climate_protection"):
        found = resolve(Definition(kind), TABLES, small_base, 2045)
        check(found.levers, 2020, 2045, small_base.categories)
        assert {"electricity_mix", "heating_switch", "electric_vehicles"} <= {
            row.name for row in found.levers
        }
        assert all(lever.source and lever.certainty for lever in found.levers)


def test_shipped_values_by_hand(small_base: Base) -> None:
    """100 kWh/m2 down to 35 on 2.15 %/a x 25 years of the homes; efficiency compounds; two legs of
    electric mileage."""
    rows = resolve(Definition("climate_protection"), TABLES, small_base, 2045).levers

    def values(name: str) -> list[float]:
        return [float(np.asarray(row.value).reshape(-1)[0]) for row in rows if row.name == name]

    assert values("building_renovation") == pytest.approx([-0.65 * 0.5375])
    assert values("industry_efficiency") == pytest.approx([0.9875**25 - 1])
    assert values("heating_switch") == pytest.approx([0.8, 0.15, 0.05])
    assert sorted(values("electric_vehicles")) == pytest.approx([0.3, 0.3, 0.675, 0.675])
    assert values("less_car_traffic") == [-0.25]
    trend = resolve(Definition("trend"), TABLES, small_base, 2045).levers
    # 10 kW a year for 25 years of the 300 kW that are missing to what can be realised.
    assert [
        float(row.value[0]) for row in trend if row.categories == ("photovoltaics",)
    ] == pytest.approx([250 / 300])  # type: ignore[index]


def test_every_parameter_has_source_certainty_and_a_range_around_its_value() -> None:
    for p in TABLES.parameters.values():
        assert p.source, p.name
        assert p.certainty in list(Certainty), p.name
        assert p.low <= p.value <= p.high, p.name
        assert p.label.de, p.name
        assert p.label.en, p.name


def test_the_electricity_path_is_the_one_of_the_method() -> None:
    path = {
        y: TABLES.parameters[f"electricity_factor_{y}"].value
        for y in (2024, 2025, 2030, 2035, 2040, 2045)
    }
    assert path == {2024: 427, 2025: 374, 2030: 110, 2035: 45, 2040: 25, 2045: 15}
    # It starts from the last known factor; 2025 lies on the line to 2030.
    factors = load_method().factors
    known = factors[(factors["set"] == "uba-electricity-upstream") & (factors["gas"] == "CO2e")]
    assert path[2024] == known.set_index("year")["value"][2024]
    assert path[2025] == pytest.approx(427 + (110 - 427) / 6, abs=0.5)


def test_the_shares_of_the_heating_switch_sum_to_the_whole() -> None:
    names = ("replaced_by_heat_pumps", "replaced_by_district_heat", "replaced_by_biomass")
    assert sum(TABLES.parameters[name].value for name in names) == 100


def test_an_own_lever_takes_the_place_of_a_shipped_one(small_base: Base) -> None:
    own = {
        "lever": "less_car_traffic",
        "kind": "demand_change",
        "value": -0.05,
        "sectors": ["transport"],
        "source": "x",
    }
    found = resolve(Definition("climate_protection", levers=(own,)), TABLES, small_base, 2045)
    rows = [lever for lever in found.levers if lever.name == "less_car_traffic"]
    assert [row.value for row in rows] == [-0.05]


def test_deriving_keeps_earlier_changes_and_lets_later_ones_win() -> None:
    first = Definition("trend", ("a",), {"p": 1.0, "q": 2.0}, ({"lever": "x", "value": 1},))
    second = Definition("none", ("b",), {"q": 3.0}, ({"lever": "a", "value": 2},))
    found = first.derived(second)
    assert (found.kind, found.without, found.parameters) == ("trend", ("b",), {"p": 1.0, "q": 3.0})
    assert [row["lever"] for row in found.levers] == ["x", "a"]


def test_a_lever_is_named_even_when_it_is_made_without_the_tables(small_base: Base) -> None:
    wrong = Lever("direct", "demand_change", -2.0, 2020, 2030)
    with pytest.raises(LeverError, match="direct"):
        check([wrong], 2020, 2045, small_base.categories)
