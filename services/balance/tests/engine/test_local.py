"""Local data before defaults, municipal facilities, own heat networks, data quality."""

from typing import Any

import numpy as np
import pytest

from klima_balance.balances.rules.document import document
from klima_balance.balances.rules.explanations import explain
from klima_balance.engine.balance import Balances, aggregate, start_balances
from klima_balance.engine.district_heat import HeatSource, NetworkFactor
from klima_balance.engine.figures import figures_of
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.engine.quality import data_quality, wording
from klima_balance.engine.records import digest, region_record, run_record
from klima_balance.method import load_method
from klima_shared.language.errors import InputError

METHOD = load_method()
STATS = wide(METHOD.statistics, 2021)
SOEST, WERL = "05974040", "05974052"


def row(sector: str, carrier: str, mwh: float, **more: Any) -> dict[str, Any]:
    return {
        "region": SOEST,
        "year": 2021,
        "sector": sector,
        "carrier": carrier,
        "quantity_mwh": mwh,
        "status": "measured",
        "grade": "A",
        "source": "Stadtwerke",
        **more,
    }


def mwh(result: Balances, sector: str, carrier: str, region: str = SOEST) -> float:
    return float(result.cell(sector, carrier)["final_energy_mwh"][region])


def tonnes(result: Balances, sector: str, carrier: str, region: str = SOEST) -> float:
    return float(result.cell(sector, carrier)["emissions_t_co2e"][region])


def compute(*rows: dict[str, Any], options: Options | None = None, **inputs: Any) -> Balances:
    return start_balances(STATS, METHOD, 2021, options, local=figures_of(rows), **inputs)


def test_local_data_supersedes_its_cell_only_and_the_default_stays_visible() -> None:
    before, after = compute(), compute(row("households", "natural_gas", 200_000.0))
    cell = after.cell("households", "natural_gas")
    assert mwh(after, "households", "natural_gas") == 200_000
    assert tonnes(after, "households", "natural_gas") == pytest.approx(200_000 * 0.247)
    assert (cell["status"][SOEST], cell["grade"][SOEST]) == ("measured", "A")
    default = mwh(before, "households", "natural_gas")
    for name, value in (
        ("final_energy_mwh", 200_000 - default),
        ("bisko_t_co2e", (200_000 - default) * 0.247),
    ):
        assert after.total(name)[SOEST] - before.total(name)[SOEST] == pytest.approx(value)
        assert after.total(name)[WERL] == before.total(name)[WERL]
    told = explain(
        run_record(after), region_record(after, SOEST), sector="households", carrier="natural_gas"
    )
    assert [r["activity"]["source"] for r in told["rows"]] == ["Stadtwerke"]
    assert [r["activity"]["quantity"] for r in told["superseded"]] == [default]


def test_commerce_gives_way_with_its_agricultural_part() -> None:
    after = compute(row("commerce", "natural_gas", 1000.0))
    assert mwh(after, "commerce", "natural_gas") == 1000.0


def test_a_transport_category_supersedes_its_group_only() -> None:
    before = compute()
    rail = compute(row("transport", "diesel", 10.0, category="local_rail"))
    lines = before.long_table()
    here = (
        (lines["region"] == SOEST)
        & (lines["carrier"] == "diesel")
        & (lines["sector"] == "transport")
    )
    road = lines[here & (lines["group"] == "road")]["quantity"].iloc[0]
    assert mwh(rail, "transport", "diesel") == pytest.approx(road + 10)


def test_airports_come_from_local_data() -> None:
    before = compute()
    assert ("transport", "kerosene") not in before.cells.position
    after = compute(row("transport", "kerosene", 100.0, category="aviation"))
    assert tonnes(after, "transport", "kerosene") == pytest.approx(32.2)
    assert after.cell("transport", "kerosene").loc[WERL, "status"] == "absent"


def test_confirmed_zero_is_an_entry() -> None:
    after = compute(row("industry", "district_heat", 0.0, status="confirmed_zero"))
    assert after.cell("industry", "district_heat").loc[SOEST, "status"] == "confirmed_zero"
    assert mwh(after, "industry", "district_heat") == 0
    cells = document(after, SOEST)["cells"]
    assert any((c["sector"], c["carrier"]) == ("industry", "district_heat") for c in cells)


def test_municipal_facilities_are_taken_off_commerce() -> None:
    before = compute(row("commerce", "electricity", 80_000.0))
    after = compute(
        row("commerce", "electricity", 80_000.0), row("municipal", "electricity", 5_000.0)
    )
    assert mwh(after, "municipal", "electricity") == 5000
    commerce = [mwh(b, "commerce", "electricity") for b in (before, after)]
    assert commerce[0] - commerce[1] == pytest.approx(5000)
    for name in ("final_energy_mwh", "bisko_t_co2e"):
        assert after.total(name)[SOEST] == pytest.approx(before.total(name)[SOEST], rel=1e-12)
    beside = compute(
        row("commerce", "electricity", 80_000.0),
        row("municipal", "electricity", 5_000.0, contained_in_ghd=False),
    )
    assert beside.total("final_energy_mwh")[SOEST] == pytest.approx(
        before.total("final_energy_mwh")[SOEST] + 5000
    )


def test_municipal_facilities_above_commerce_are_an_error_with_the_carrier() -> None:
    with pytest.raises(InputError, match=r"05974040: municipal\.natural_gas") as caught:
        compute(row("commerce", "natural_gas", 100.0), row("municipal", "natural_gas", 101.0))
    assert "100 MWh natural_gas" in str(caught.value)
    equal = compute(row("commerce", "natural_gas", 100.0), row("municipal", "natural_gas", 100.0))
    assert mwh(equal, "commerce", "natural_gas") == 0


def test_the_factor_of_the_own_network() -> None:
    supply = [
        NetworkFactor(SOEST, 2021, HeatSource.DECLARED, 90.0, "Netz"),
        NetworkFactor(SOEST, 2021, HeatSource.PLANT, 129.96, "BHKW"),
    ]
    before, after = compute(), compute(heat_supply=supply)
    cell = after.cell("households", "district_heat").loc[SOEST]
    energy = mwh(before, "households", "district_heat")
    assert cell["final_energy_mwh"] == pytest.approx(energy)
    assert cell["emissions_t_co2e"] == pytest.approx(energy * 0.12996)
    assert tonnes(after, "households", "district_heat", WERL) == pytest.approx(
        mwh(after, "households", "district_heat", WERL) * 0.26
    )
    told = explain(
        run_record(after), region_record(after, SOEST), sector="households", carrier="district_heat"
    )
    assert told["value"] == pytest.approx(cell["emissions_t_co2e"], rel=1e-12)
    assert [r["factor"]["source"] for r in told["rows"]] == ["BHKW"]
    delivered = compute(row("households", "district_heat", 10.0), heat_supply=supply)
    assert tonnes(delivered, "households", "district_heat") == pytest.approx(1.2996)


def test_metered_generation_supersedes_full_load_hours() -> None:
    metered = row("renewables", "photovoltaics", 25_000.0)
    before, after = compute(), compute(metered)
    gained = (
        after.total("renewable_generation_mwh")[SOEST]
        - before.total("renewable_generation_mwh")[SOEST]
    )
    assert gained == pytest.approx(25_000 - 21_093.295 * 0.93)
    assert after.total("bisko_t_co2e")[SOEST] == before.total("bisko_t_co2e")[SOEST]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"sector": "shops"}, "sector"),
        ({"carrier": "peat"}, "carrier"),
        ({"status": "missing"}, "status"),
        ({"grade": "E"}, "grade"),
        ({"quantity_mwh": -1.0}, "quantity_mwh"),
        ({"quantity_mwh": float("nan")}, "quantity_mwh"),
        ({"quantity_mwh": float("inf")}, "quantity_mwh"),
        ({"status": "confirmed_zero"}, "quantity_mwh"),
        ({"sector": "transport", "carrier": "diesel", "category": "bicycle"}, "category"),
        ({"sector": "agriculture"}, "sector"),
        ({"sector": "renewables", "carrier": "peat"}, "carrier"),
    ],
)
def test_wrong_rows_name_column_row_and_region(change: dict[str, Any], place: str) -> None:
    good = row("households", "electricity", 1.0)
    with pytest.raises(InputError, match=rf"05974040: {place} \(row 2\)"):
        compute(row("households", "natural_gas", 1.0), good | change)


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(InputError, match="quantity_mwh"):
        figures_of([{"region": SOEST}])


def test_the_order_of_local_rows_is_irrelevant() -> None:
    rows = [
        row("households", "natural_gas", 0.1, source="a"),
        row("households", "natural_gas", 0.2, source="b"),
        row("households", "natural_gas", 0.3, source="c"),
        row("municipal", "electricity", 0.7),
    ]
    first, second = compute(*rows), compute(*reversed(rows))
    assert digest(first, SOEST) == digest(second, SOEST)
    assert first.total("bisko_t_co2e")[SOEST] == second.total("bisko_t_co2e")[SOEST]


def test_data_quality_by_hand() -> None:
    # 100 MWh A, 100 MWh B, 100 MWh C, 100 MWh D: (1 + 0.5 + 0.25 + 0) / 4 = 0.4375
    assert data_quality(np.array([175.0]), np.array([400.0]))[0] == 0.4375
    assert np.isnan(data_quality(np.array([0.0]), np.array([0.0]))[0])
    assert [wording(v) for v in (0.81, 0.80, 0.65, 0.50, 0.01, 0.0)] == [
        "gut belastbar",
        "belastbar",
        "relativ belastbar",
        "bedingt belastbar",
        "bedingt belastbar",
        "nur Bundeswerte",
    ]
    assert wording(None) is None


def test_data_quality_of_a_balance_is_weighted_with_energy() -> None:
    assert document(compute(), SOEST)["data_quality"] == 0
    doc = document(
        compute(
            row("households", "natural_gas", 200_000.0),
            row("industry", "natural_gas", 50_000.0, grade="B"),
        ),
        SOEST,
    )
    total = doc["totals"]["final_energy_mwh"]
    assert doc["data_quality"] == pytest.approx((200_000 + 25_000) / total)
    households = next(s for s in doc["sectors"] if s["sector"] == "households")
    assert households["data_quality"] == pytest.approx(200_000 / households["final_energy_mwh"])
    gas = next(c for c in doc["carriers"] if c["carrier"] == "natural_gas")
    assert gas["data_quality"] == pytest.approx(225_000 / gas["final_energy_mwh"])


def test_local_rows_reach_the_county() -> None:
    before, after = (
        compute(),
        compute(
            row("households", "natural_gas", 200_000.0), row("municipal", "electricity", 100.0)
        ),
    )
    county = [aggregate(b) for b in (before, after)]
    gained = [b.total("bisko_t_co2e")[key] for b, key in ((after, SOEST), (before, SOEST))]
    assert county[1].total("bisko_t_co2e")["05974000"] - county[0].total("bisko_t_co2e")[
        "05974000"
    ] == pytest.approx(gained[0] - gained[1])
    told = explain(
        run_record(county[1]),
        region_record(county[1], "05974000"),
        sector="households",
        carrier="natural_gas",
    )
    shown = county[1].cell("households", "natural_gas").loc["05974000"]
    assert told["value"] == pytest.approx(shown["emissions_t_co2e"], rel=1e-9)
    assert told["final_energy_mwh"] == pytest.approx(shown["final_energy_mwh"], rel=1e-9)
