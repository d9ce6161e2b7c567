"""Why two years differ: parts that sum, whatever the figures; small cases by hand."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klima_balance.balances.rules.breaks import breaks
from klima_balance.balances.rules.changes import Part, Year, changes, of_document

GAS, POWER, OIL = (
    ("households", "natural_gas"),
    ("households", "electricity"),
    ("households", "heating_oil"),
)
CARRIERS = ("natural_gas", "electricity", "heating_oil", "ambient_heat", "biomass")
SECTORS = ("households", "commerce", "industry", "transport")


def cell(key: tuple[str, str], mwh: float, tonnes: float, status: str = "estimated") -> Any:
    sector, carrier = key
    return {
        "sector": sector,
        "carrier": carrier,
        "final_energy_mwh": mwh,
        "emissions_t_co2e": tonnes,
        "status": status,
    }


def year(population: float, *cells: Any, weather: dict[str, float] | None = None) -> Year:
    document = {"region": {"population": population}, "cells": list(cells)}
    found = of_document(document, weather or {})
    assert found is not None
    return found


def parts(
    before: Year, after: Year, *, same_factors: bool = True, same_edition: bool = True
) -> dict[Part, float]:
    found = changes(before, after, same_factors=same_factors, same_edition=same_edition)
    return {part: sum(sector[part] for sector in found.values()) for part in Part}


def test_one_thing_that_changes_is_the_whole_change() -> None:
    before = year(100, cell(GAS, 1000, 250))
    grown = parts(before, year(110, cell(GAS, 1100, 275)))
    assert grown[Part.POPULATION] == pytest.approx(25.0)
    saved = parts(before, year(100, cell(GAS, 800, 200)))
    assert saved[Part.ACTIVITY] == pytest.approx(-50.0)
    cold = parts(before, year(100, cell(GAS, 1200, 300), weather={"households": 1.2}))
    assert cold[Part.WEATHER] == pytest.approx(50.0)
    assert cold[Part.ACTIVITY] == pytest.approx(0.0)
    cleaner = parts(year(100, cell(POWER, 1000, 500)), year(100, cell(POWER, 1000, 400)))
    assert cleaner[Part.ELECTRICITY_FACTOR] == pytest.approx(-100.0)


def test_two_things_by_hand() -> None:
    # 100 x 10 MWh x 0.25 = 250 t; 120 x 8 MWh x 0.25 = 240 t.
    # Population: half of (20 x 10 + 20 x 8) x 0.25 = 45 t.
    # Use per inhabitant: half of (-2 x 100 - 2 x 120) x 0.25 = -55 t.
    found = parts(year(100, cell(GAS, 1000, 250)), year(120, cell(GAS, 960, 240)))
    assert found[Part.POPULATION] == pytest.approx(45.0)
    assert found[Part.ACTIVITY] == pytest.approx(-55.0)


def test_another_carrier_is_the_mix() -> None:
    before = year(100, cell(GAS, 1000, 250), cell(OIL, 0, 0))
    found = parts(before, year(100, cell(GAS, 500, 125), cell(OIL, 500, 150)))
    assert found[Part.CARRIER_MIX] == pytest.approx(25.0)


def test_a_delivered_figure_is_data_and_not_a_change() -> None:
    before = year(100, cell(GAS, 1000, 250), cell(POWER, 100, 50))
    after = year(100, cell(GAS, 1500, 375, "measured"), cell(POWER, 100, 50))
    found = parts(before, after)
    assert found[Part.DATA] == pytest.approx(125.0)
    assert all(found[part] == pytest.approx(0.0) for part in Part if part is not Part.DATA)


def test_under_other_factors_what_they_change_is_method() -> None:
    before, after = year(100, cell(GAS, 1000, 250)), year(100, cell(GAS, 1000, 240))
    assert parts(before, after)[Part.OTHER_FACTORS] == pytest.approx(-10.0)
    assert parts(before, after, same_factors=False)[Part.DATA] == pytest.approx(-10.0)


def test_under_another_edition_the_whole_is_method() -> None:
    found = parts(
        year(100, cell(GAS, 1000, 250)), year(120, cell(GAS, 960, 240)), same_edition=False
    )
    assert found[Part.DATA] == pytest.approx(-10.0)
    assert all(found[part] == 0.0 for part in Part if part is not Part.DATA)


@st.composite
def years(draw: st.DrawFn) -> Year:
    cells = []
    for sector in SECTORS:
        for carrier in CARRIERS:
            if draw(st.booleans()):
                mwh = draw(st.one_of(st.just(0.0), st.floats(0.001, 1e7)))
                tonnes = mwh * draw(st.floats(0.0, 0.6))
                status = draw(st.sampled_from(["estimated", "measured"]))
                cells.append(cell((sector, carrier), mwh, tonnes, status))
    weather = {sector: draw(st.floats(0.7, 1.3)) for sector in SECTORS}
    return year(draw(st.integers(1, 10**7)), *cells, weather=weather)


@given(years(), years(), st.booleans(), st.booleans())
def test_parts_sum_and_the_way_back_is_the_same(
    before: Year, after: Year, same_factors: bool, same_edition: bool
) -> None:
    same = {"same_factors": same_factors, "same_edition": same_edition}
    there, back = changes(before, after, **same), changes(after, before, **same)
    size = sum(y.emissions(key) for y in (before, after) for key in y.cells) + 1e-9
    for sector, found in there.items():
        keys = [key for y in (before, after) for key in y.cells if key[0] == sector]
        wanted = sum(after.emissions(key) - before.emissions(key) for key in set(keys))
        assert sum(found.values()) == pytest.approx(wanted, abs=1e-9 * size)
        for part, tonnes in found.items():
            assert back[sector][part] == pytest.approx(-tonnes, abs=1e-9 * size)


def test_a_series_breaks_where_its_data_changes() -> None:
    def document(number: int, factors: str, status: str, edition: str = "") -> Any:
        reference = {"id": factors, "digest": f"sha256:{factors}"}
        meta = {"edition": {"id": edition, "digest": edition}} if edition else {}
        cells = [cell(GAS, 1, 1, status)]
        return {"year": number, "factor_set": reference, "cells": cells, "meta": meta}

    found = breaks(
        [
            document(2018, "a", "estimated"),
            document(2019, "a", "estimated"),
            document(2020, "a", "measured"),
            document(2021, "b", "measured"),
            document(2022, "b", "estimated", "AGEB-2025-09"),
            document(2023, "b", "estimated", "AGEB-2026-09"),
        ],
        "de",
    )
    assert [(row["year"], row["kind"]) for row in found] == [
        (2020, "data"),
        (2021, "factor_set"),
        (2022, "data"),
        (2023, "edition"),
    ]
    assert found[0]["reason"] == "Gelieferte Werte ab 2020: Private Haushalte: Erdgas."
    assert found[0]["cells"] == ["households.natural_gas"]


@pytest.mark.parametrize("ags", ["05974", "05974040"])
async def test_2018_to_2021_is_explained_in_parts_that_sum(
    reader: httpx.AsyncClient, ags: str
) -> None:
    path = f"/v1/regions/{ags}/changes-explained"
    answer = await reader.get(f"{path}?from=2018&to=2021")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    totals = [
        (await reader.get(f"/v1/regions/{ags}/balances/{y}")).json()["totals"]["bisko_t_co2e"]
        for y in (2018, 2021)
    ]
    assert found["change_t_co2e"] == pytest.approx(totals[1] - totals[0], rel=1e-9)
    assert sum(p["change_t_co2e"] for p in found["parts"]) == pytest.approx(
        totals[1] - totals[0], rel=1e-9
    )
    assert sum(s["change_t_co2e"] for s in found["sectors"]) == pytest.approx(
        found["change_t_co2e"]
    )
    by_part = {p["part"]: p["change_t_co2e"] for p in found["parts"]}
    assert by_part["electricity_factor"] < 0  # 2018: 544 g/kWh, 2021: 472 g/kWh
    assert found["breaks"] == []
    picture = await reader.get(f"{path}/chart.svg?from=2018&to=2021")
    assert picture.status_code == 200
    assert "Strommix" in picture.text


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("from=2021&to=2018", 422, "/query/to"),
        ("from=2021&to=2021", 422, "/query/to"),
        ("from=2018", 422, "/query/to"),
        ("from=2018&to=2099", 404, None),
    ],
)
async def test_wrong_years_are_refused(
    reader: httpx.AsyncClient, query: str, status: int, pointer: str | None
) -> None:
    answer = await reader.get(f"/v1/regions/05974040/changes-explained?{query}")
    assert answer.status_code == status
    assert pointer is None or answer.json()["errors"][0]["pointer"] == pointer
