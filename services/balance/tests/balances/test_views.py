"""Views beside the balance: weather and local mix, labelled and never mixed with it."""

from typing import Any

import pytest

from klima_balance.balances.rules.document import document
from klima_balance.balances.rules.views import local_mix, weather, weather_factor
from klima_balance.engine.balance import start_balances
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.method import load_method
from klima_shared.language.errors import InputError

METHOD = load_method()
SOEST = "05974040"


def balance(options: Options | None = None) -> dict[str, Any]:
    return document(start_balances(wide(METHOD.statistics, 2021), METHOD, 2021, options), SOEST)


def test_a_mild_year_goes_up() -> None:
    # 83 % space heating, 3,500 degree days on average and 3,150 in a mild year: 0.17 + 0.83 x
    # 3500/3150 = 1.092222
    assert weather_factor(0.83, 3500, 3150) == pytest.approx(1.0922222)
    assert weather_factor(0.83, 3500, 3850) < 1
    assert weather_factor(0.0, 3500, 3150) == 1
    with pytest.raises(InputError, match="degree_days"):
        weather_factor(0.83, 3500, 0)


def test_weather_touches_neither_industry_nor_transport() -> None:
    doc = balance()
    view = weather(doc, METHOD, 3500, 3150)
    plain = weather(doc, METHOD, 3500, 3500)
    changed = {
        a["key"]: a["final_energy_mwh"] / b["final_energy_mwh"]
        for a, b in zip(view["sectors"], plain["sectors"], strict=True)
    }
    assert changed["households"] == pytest.approx(1.0922222)
    assert changed["commerce"] == pytest.approx(0.25 + 0.75 * 3500 / 3150)
    assert changed["industry"] == changed["transport"] == 1
    assert plain["totals"]["final_energy_mwh"] == pytest.approx(doc["totals"]["final_energy_mwh"])


@pytest.mark.parametrize("split", [True, False])
def test_the_local_mix_reaches_every_kilowatt_hour(split: bool) -> None:
    doc = balance(Options(heat_pump_split=split))
    same = local_mix(doc, METHOD, 472.0)
    federal = same["parameters"]["federal_g_per_kwh"]
    assert local_mix(doc, METHOD, federal)["totals"]["emissions_t_co2e"] == pytest.approx(
        doc["totals"]["bisko_t_co2e"]
    )
    clean = local_mix(doc, METHOD, 0.0)
    share = clean["parameters"]["local_share"]
    saved = doc["totals"]["bisko_t_co2e"] - clean["totals"]["emissions_t_co2e"]
    use = doc["totals"]["electricity_use_mwh"]
    assert saved == pytest.approx(use * share * federal / 1000)
