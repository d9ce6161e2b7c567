"""What a delivered figure says of the other years of its cell: offered, accepted, never silent."""

import math
from typing import Any

import httpx

from klima_balance.engine.figures import Figure
from klima_balance.imports.rules.estimates import Offer, offers

SOEST = "/v1/regions/05974040"
GAS = "households.natural_gas"
FIGURE = {
    "quantity": 250000.0,
    "unit": "MWh",
    "status": "measured",
    "grade": "A",
    "source": "Netzbetreiber (Beispiel)",
}


def _figure(year: int, mwh: float, **more: Any) -> Figure:
    fields = {
        "region": "05974040",
        "year": year,
        "sector": "households",
        "carrier": "natural_gas",
        "category": "",
        "quantity": mwh,
        "unit": "MWh",
        "quantity_mwh": mwh,
        "status": "measured",
        "grade": "A",
        "source": "Werke (Beispiel)",
    }
    return Figure(**{**fields, **more})


def _defaults(**years: float) -> dict[int, dict[tuple[str, str], float]]:
    return {int(y[1:]): {("households", "natural_gas"): mwh} for y, mwh in years.items()}


def test_the_ratio_of_one_year_times_the_default_of_another() -> None:
    # Delivered 80 where the default was 100: 80 % of the default of 120 is 96.
    (one,) = offers([_figure(2021, 80.0)], _defaults(y2018=120.0, y2021=100.0))
    assert (one.year, one.from_year, one.ratio) == (2018, 2021, 0.8)
    assert math.isclose(one.quantity_mwh, 96.0)
    content = one.content()
    assert (content["status"], content["grade"]) == ("estimated", "C")
    assert "x 0,8" in str(content["source"])
    assert "2021" in str(content["source"])
    assert content["note"] == "120 MWh x 80 MWh / 100 MWh"


def test_the_nearest_delivered_year_counts_and_no_figure_is_overridden() -> None:
    years = _defaults(y2018=100.0, y2019=100.0, y2021=100.0, y2022=100.0)
    found = offers([_figure(2018, 50.0), _figure(2022, 90.0)], years)
    assert [(o.year, o.from_year) for o in found] == [(2019, 2018), (2021, 2022)]
    # 2020 is as near to 2018 as to 2022: the later one.
    (tie,) = offers(
        [_figure(2018, 50.0), _figure(2022, 90.0)], _defaults(y2018=1, y2020=1, y2022=1)
    )
    assert tie.from_year == 2022


def test_what_gives_no_ratio() -> None:
    years = _defaults(y2018=100.0, y2021=100.0)
    none: list[Offer] = []
    assert offers([_figure(2021, 80.0, status="estimated", grade="C")], years) == none
    part = _figure(2021, 80.0, sector="transport", carrier="diesel", category="car")
    cells = {y: {("transport", "diesel"): 100.0} for y in (2018, 2021)}
    assert offers([part], cells) == none, "a part is not its cell"
    assert offers([_figure(2021, 80.0)], _defaults(y2018=100.0, y2021=0.0)) == none
    assert offers([_figure(2021, 80.0)], _defaults(y2021=100.0)) == none


async def test_an_estimate_is_offered_and_stored_only_when_a_manager_accepts_it(
    writer: httpx.AsyncClient, token_factory: Any
) -> None:
    viewer, editor, manager = (
        token_factory.headers(role, region="05974040") for role in ("viewer", "editor", "manager")
    )
    address = f"{SOEST}/activities/estimates"
    assert (await writer.get(address, headers=viewer)).json()["items"] == []
    stored = await writer.put(f"{SOEST}/activities/2021/{GAS}", json=FIGURE, headers=editor)
    assert stored.status_code == 201, stored.text
    (offer,) = (await writer.get(address, headers=viewer)).json()["items"]
    assert (offer["key"], offer["year"], offer["from_year"]) == (GAS, 2018, 2021)
    assert math.isclose(offer["quantity_mwh"], offer["default_mwh"] * offer["ratio"])
    # Nothing has happened yet: the balance of 2018 has its default.
    missing = await writer.get(f"{SOEST}/activities/2018/{GAS}", headers=viewer)
    assert missing.status_code == 404
    body = {"key": GAS, "year": 2018, "from_year": 2021}
    assert (await writer.post(address, json=body, headers=editor)).status_code == 403
    assert (await writer.post(address, json=body)).status_code == 401
    wrong = body | {"from_year": 2019}
    assert (await writer.post(address, json=wrong, headers=manager)).status_code == 404
    done = await writer.post(address, json=body, headers=manager)
    assert done.status_code == 201, done.text
    figure = (await writer.get(done.headers["location"], headers=viewer)).json()
    assert (figure["status"], figure["grade"]) == ("estimated", "C")
    assert figure["quantity_mwh"] == offer["quantity_mwh"]
    assert figure["source"] == offer["source"]
    assert "Verhältnis 2021" in figure["source"]
    # It is a figure now, and offered no more.
    assert (await writer.get(address, headers=viewer)).json()["items"] == []
    assert (await writer.post(address, json=body, headers=manager)).status_code == 404
    draft = (await writer.post(f"{SOEST}/balances", json={"year": 2018}, headers=manager)).json()
    cell = next(c for c in draft["cells"] if f"{c['sector']}.{c['carrier']}" == GAS)
    assert (cell["status"], cell["grade"]) == ("estimated", "C")
    assert math.isclose(cell["final_energy_mwh"], offer["quantity_mwh"])
