"""Views beside the balance: weather and local mix, labelled and never mixed with it."""

import pytest

from klima_balance.engine.balance import start_balances
from klima_balance.engine.options import Options
from klima_balance.engine.statistics import wide
from klima_balance.engine.views import local_mix_view, weather_factor, weather_view
from klima_balance.method import load_method
from klima_balance.method.errors import InputError

METHOD = load_method()
SOEST = "05974040"
BALANCES = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021)


def test_a_mild_year_goes_up() -> None:
    # 83 % space heating, 3,500 degree days on average and 3,150 in a mild year: 0.17 + 0.83 x
    # 3500/3150 = 1.092222
    assert weather_factor(0.83, 3500, 3150) == pytest.approx(1.0922222)
    assert weather_factor(0.83, 3500, 3850) < 1
    assert weather_factor(0.0, 3500, 3150) == 1
    with pytest.raises(InputError, match="degree_days"):
        weather_factor(0.83, 3500, 0)


def test_weather_touches_neither_industry_nor_transport() -> None:
    view = weather_view(BALANCES, SOEST, 3500, 3150)
    plain = weather_view(BALANCES, SOEST, 3500, 3500)
    changed = {
        a["sector"]: a["final_energy_mwh"] / b["final_energy_mwh"]
        for a, b in zip(view["sectors"], plain["sectors"], strict=True)
    }
    assert changed["households"] == pytest.approx(1.0922222)
    assert changed["commerce"] == pytest.approx(0.25 + 0.75 * 3500 / 3150)
    assert changed["industry"] == changed["transport"] == 1
    assert view["label"] == "nicht BISKO-konform"
    assert plain["totals"]["final_energy_mwh"] == pytest.approx(
        BALANCES.total("final_energy_mwh")[SOEST]
    )


@pytest.mark.parametrize("split", [True, False])
def test_the_local_mix_reaches_every_kilowatt_hour(split: bool) -> None:
    result = start_balances(
        wide(METHOD.statistics, 2021), METHOD, 2021, Options(heat_pump_split=split)
    )
    same = local_mix_view(result, SOEST, 472.0)
    assert same["totals"]["emissions_t_co2e"] == pytest.approx(result.total("bisko_t_co2e")[SOEST])
    clean = local_mix_view(result, SOEST, 0.0)
    saved = same["totals"]["emissions_t_co2e"] - clean["totals"]["emissions_t_co2e"]
    assert saved == pytest.approx(result.total("electricity_use_mwh")[SOEST] * 0.472)
    with pytest.raises(InputError, match="local_mix"):
        local_mix_view(result, SOEST, float("nan"))
