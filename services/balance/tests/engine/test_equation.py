"""The one equation, units and factors: worked by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from klima_balance.engine.options import Options
from klima_balance.method import load_method
from klima_balance.method.equation import UNIT_SCALE, emissions, energy, tonnes_per_unit
from klima_balance.method.factors import carrier_factor, find
from klima_balance.method.mileage import mileage_mwh
from klima_balance.method.units import to_mwh
from klima_shared.language.errors import InputError

METHOD = load_method()
BISKO = "bisko-2026.1"


def test_a_megawatt_hour_of_electricity() -> None:
    # 1 MWh x 472 g/kWh = 472 kg = 0.472 t
    assert tonnes_per_unit(472, "g CO2e/kWh", 1) == pytest.approx(0.472)
    assert emissions(np.array([1.0, 1000.0]), 0.472) == pytest.approx([0.472, 472.0])


def test_methane_and_nitrous_oxide_meet_their_gwp() -> None:
    # a dairy cow: 141.295 kg CH4 x 28 = 3,956.26 kg CO2e;   1 ha: 0.7736 kg N2O x 265 = 205.004 kg
    assert tonnes_per_unit(141.295, "kg CH4/head", METHOD.gwp_of("CH4", "AR5")) == pytest.approx(
        3.95626
    )
    assert tonnes_per_unit(0.7736, "kg N2O/ha", METHOD.gwp_of("N2O", "AR5")) == pytest.approx(
        0.205004
    )
    assert METHOD.gwp_of("CH4", "AR4") == 25
    assert METHOD.gwp_of("CO2e", "AR6") == 1


def test_missing_stays_missing() -> None:
    assert np.isnan(emissions(np.array([np.nan]), 0.472)).all()


def test_unknown_unit_and_gas_are_errors() -> None:
    with pytest.raises(InputError, match="kg/MWh"):
        tonnes_per_unit(1, "kg/MWh", 1)
    with pytest.raises(InputError, match="XY"):
        METHOD.gwp_of("XY", "AR5")


def test_heating_oil_litres_and_gas_by_gross_value() -> None:
    assert energy(np.array(1000.0), 10.0) == pytest.approx(10.0)
    assert to_mwh(1000, "l", "heating_oil", METHOD) == pytest.approx(10.0)
    assert to_mwh(100, "MWh(Hs)", "natural_gas", METHOD) == pytest.approx(90.24)
    assert to_mwh(100_000, "kWh_hs", "natural_gas", METHOD) == pytest.approx(90.24)
    assert to_mwh(3.6, "GJ", "lpg", METHOD) == pytest.approx(1.0)
    assert to_mwh(2, "t", "wood_pellets", METHOD) == pytest.approx(9.8)
    assert to_mwh(1000, "l Autogas", "lpg", METHOD) == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("quantity", "unit", "carrier", "expected"),
    [
        (1.0, "l", "lpg", "l Propan or l Autogas"),
        (1.0, "m3", "natural_gas", "m3 Erdgas H or m3 Erdgas L"),
        (1.0, "l", "electricity", "a unit for electricity"),
        (1.0, "MWh(Hs)", "heating_oil", "only natural gas"),
        (float("nan"), "MWh", "electricity", "finite"),
        (float("inf"), "kWh", "electricity", "finite"),
    ],
)
def test_units_that_do_not_fit(quantity: float, unit: str, carrier: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        to_mwh(quantity, unit, carrier, METHOD)


def test_mileage() -> None:
    # 1 million km x 7.7 l/100 km x 8.9 kWh/l = 685.3 MWh
    carrier, mwh = mileage_mwh(1e6, "car", "petrol", METHOD)
    assert carrier == "petrol"
    assert mwh == pytest.approx(685.3)
    assert mileage_mwh(1e6, "tram", "electric", METHOD)[1] == pytest.approx(4000.0)
    with pytest.raises(InputError, match="one of car petrol"):
        mileage_mwh(1, "car", "steam", METHOD)


def factor(carrier: str, year: int, use: str = "stationary") -> float:
    return carrier_factor(METHOD, BISKO, carrier, use, year).value


def test_factor_rules_of_the_method() -> None:
    assert factor("electricity", 2018) == 544
    assert factor("electricity", 2021) == 472
    assert factor("ambient_heat", 2021) == pytest.approx(147.5)  # 472 / 3.2
    assert factor("biofuels", 2021) == pytest.approx(114.0)  # mean of 118 and 110
    assert factor("other_petroleum", 2021) == factor("heating_oil", 2021) == 317.9
    assert factor("other_fossil", 2021) == 330
    assert factor("coal", 2021) == 434.5
    assert factor("district_heat", 1995) == factor("district_heat", 2021) == 260
    assert factor("lpg", 2021) == 276
    assert factor("lpg", 2021, "transport") == 291


def test_nearest_year_is_marked_and_a_tie_goes_to_the_earlier() -> None:
    gas_2018 = carrier_factor(METHOD, BISKO, "natural_gas", "stationary", 2018)
    assert (gas_2018.value, gas_2018.year, gas_2018.carried) == (247, 2019, True)
    gas_2020 = carrier_factor(METHOD, BISKO, "natural_gas", "stationary", 2020)
    assert (gas_2020.value, gas_2020.year, gas_2020.carried) == (
        247,
        2019,
        True,
    )  # 2019 and 2021 are equally far
    gas_2021 = carrier_factor(METHOD, BISKO, "natural_gas", "stationary", 2021)
    assert (gas_2021.value, gas_2021.year, gas_2021.carried) == (246.9, 2021, False)
    heat = carrier_factor(METHOD, BISKO, "district_heat", "stationary", 2021)
    assert (heat.year, heat.carried) == (None, False)


def test_sets_are_never_mixed() -> None:
    with pytest.raises(InputError, match="geg-annex-9"):
        carrier_factor(METHOD, "geg-annex-9", "coal", "stationary", 2021)
    direct = find(METHOD, "uba-electricity-direct", "electricity", 2021)
    first = find(METHOD, "bisko-first-release-2020", "electricity", 2020)
    assert direct is not None
    assert first is not None
    assert (direct.value, first.value) == (406, 438)
    assert factor("electricity", 2020) == 429


def upload() -> pd.DataFrame:
    rows = METHOD.factors[METHOD.factors["set"] == BISKO].drop(columns="set").reset_index(drop=True)
    rows.loc[rows["category"] == "electricity", "value"] = 100.0
    return rows


def test_an_uploaded_set_serves_without_a_change_of_code() -> None:
    header = {"id": "town-1", "version": "1", "kind": "bisko", "state": "released"}
    changed = METHOD.with_factor_set(header, upload())
    assert carrier_factor(changed, "town-1", "electricity", "stationary", 2021).value == 100
    assert carrier_factor(changed, BISKO, "electricity", "stationary", 2021).value == 472
    assert changed.digest != METHOD.digest
    with pytest.raises(InputError, match="town-1"):
        METHOD.factor_set("town-1")
    with pytest.raises(InputError, match="does not exist"):
        changed.with_factor_set(header, upload())


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_an_uploaded_set_with_a_wrong_value_names_the_row(value: float) -> None:
    rows = upload()
    rows.loc[3, "value"] = value
    with pytest.raises(InputError, match=r"row 4"):
        METHOD.with_factor_set({"id": "x"}, rows)


def test_the_digest_of_a_set_ignores_the_order_of_its_rows() -> None:
    first = METHOD.factor_set(BISKO)["digest"]
    shuffled = replace(METHOD, factors=METHOD.factors.sample(frac=1.0, random_state=1))
    assert shuffled.factor_set(BISKO)["digest"] == first
    changed = METHOD.factors.copy()
    changed.loc[changed.index[0], "value"] += 1
    assert replace(METHOD, factors=changed).factor_set(BISKO)["digest"] != first


def test_units_of_the_tables_are_known() -> None:
    for table in (METHOD.factors, METHOD.agriculture, METHOD.land_use):
        assert set(table["unit"]) <= set(UNIT_SCALE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"forest_factor": "none"},
        {"gwp_set": "AR3"},
        {"industrial_sites": "both"},
        {"heat_pump_split": "yes"},
        {"airports": "05974040"},
        {"colour": "red"},
    ],
)
def test_options_refuse_what_is_not_allowed(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        Options.from_dict(wrong)


def test_options_go_to_json_and_back() -> None:
    chosen = Options(forest_factor="inventory_2018", airports=("05315000", "03241001"))
    assert Options.from_dict(chosen.to_dict()) == chosen
    assert chosen.airports == ("03241001", "05315000")


@pytest.mark.parametrize(
    ("unit", "mwh"),
    [
        *[("kwh", 1.0), ("KWH", 1.0), ("kWh/a", 1.0), ("kWh pro Jahr", 1.0), ("mwh", 1000.0)],
        *[("MWh/a", 1000.0), ("MWh p.a.", 1000.0), ("MWh (Hi)", 1000.0), ("MWh Hu", 1000.0)],
        *[("Mio. kWh", 1e6), ("Mio kWh/a", 1e6), ("Tsd. kWh", 1000.0), ("Mrd. Wh", 1e6)],
        *[("kWh (Hs)/a", 0.9024), ("Mio. kWh Hs", 902_400.0)],
    ],
)
def test_units_as_people_spell_them(unit: str, mwh: float):
    assert to_mwh(1000, unit, "natural_gas", METHOD) == pytest.approx(mwh)


@pytest.mark.parametrize("unit", ["mWh", "kWh/m²", "MWhel", "kWh (x)", "Mio. m³", "Mio.", "a", ""])
def test_other_units_are_asked(unit: str):
    with pytest.raises(InputError):
        to_mwh(1000, unit, "natural_gas", METHOD)
