"""District heat by exergy and the order in which its factor is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klima_balance.engine.district_heat import (
    declared_factor,
    drive_power,
    heat_share,
    network_factor,
    plant_factor,
)
from klima_shared.language.errors import InputError


def test_the_worked_plant() -> None:
    # z = 1 - 283/373 = 0.241287; f_el = 35/80 = 0.4375; a_el = 0.4375/(0.4375 + 0.241287 x 0.5625)
    # = 0.763237 a_heat = 0.236763...; 0.236763 x 100 GWh x 247 g/kWh / 45 GWh = 129.96 g/kWh
    assert 1 - heat_share(35_000, 45_000, 373) == pytest.approx(0.763237, abs=2e-5)
    assert plant_factor([(100_000, 247)], 35_000, 45_000, 373).g_per_kwh == pytest.approx(
        129.96, abs=0.005
    )


def test_boilers_go_to_heat_entirely_and_losses_raise_the_factor() -> None:
    plain = plant_factor([(100_000, 247)], 35_000, 45_000, 373).g_per_kwh
    # 10 GWh gas in a boiler add 10 x 247 GWh g/kWh; 50 GWh are delivered
    both = plant_factor(
        [(100_000, 247)], 35_000, 45_000, 373, boiler_fuels=[(10_000, 247)], delivered_mwh=50_000
    )
    assert both.g_per_kwh == pytest.approx((plain * 45 + 10 * 247) / 50)
    lossy = plant_factor([(100_000, 247)], 35_000, 45_000, 373, delivered_mwh=40_000)
    assert lossy.g_per_kwh == pytest.approx(plain * 45 / 40)


def test_a_plant_without_power_gives_everything_to_heat() -> None:
    assert heat_share(0, 10, 373) == 1
    assert plant_factor([(100, 200)], 0, 80, 373).g_per_kwh == pytest.approx(250)


def test_first_plant_then_declared_technology_then_default() -> None:
    plant, declared = plant_factor([(100_000, 247)], 35_000, 45_000, 373), declared_factor(90, 0.8)
    assert network_factor(plant, declared).kind == "plant"
    assert network_factor(None, declared).g_per_kwh == 90
    assert declared_factor(90, 0.79) is None
    assert network_factor(None, None).g_per_kwh == 260
    assert network_factor(None, None).kind == "default"


@pytest.mark.parametrize(
    "arguments", [(1, 0, 373), (-1, 1, 373), (1, 1, 283), (1, float("nan"), 373)]
)
def test_impossible_plants_are_errors(arguments: tuple[float, float, float]) -> None:
    with pytest.raises(InputError):
        heat_share(*arguments)


def test_drive_power() -> None:
    assert drive_power(320) == pytest.approx(100)


@given(
    power=st.floats(0, 1e6),
    heat=st.floats(1, 1e6),
    supply=st.floats(300, 450),
    hotter=st.floats(1, 100),
)
def test_hotter_heat_carries_more(power: float, heat: float, supply: float, hotter: float) -> None:
    share = heat_share(power, heat, supply)
    assert 0 <= share <= 1
    assert heat_share(power, heat, supply + hotter) >= share
