"""The document of a balance, the record behind it, and figures that explain themselves."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from klima_balance.balances.rules.document import document, documents
from klima_balance.balances.rules.explanations import explain
from klima_balance.engine.balance import Balances, aggregate, start_balances
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.engine.records import digest, region_record, run_record
from klima_balance.method import load_method
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import NARROW_SPACE

METHOD = load_method()
SOEST, COUNTY = "05974040", "05974000"
BLOCKS = {
    "agriculture": "agriculture_t_co2e",
    "land_use": "land_use_t_co2e",
    "process_ets": "process_ets_t_co2",
}


def compute(year: int) -> tuple[Balances, Balances]:
    leaves = start_balances(wide(METHOD.statistics, year), METHOD, year)
    return leaves, aggregate(leaves, {COUNTY: [str(key) for key in leaves.regions]})


RESULTS = {year: compute(year) for year in (2018, 2021)}


def every() -> list[tuple[Balances, str]]:
    return [(b, str(key)) for pair in RESULTS.values() for b in pair for key in b.regions]


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def test_cells_sum_to_sectors_carriers_and_totals() -> None:
    for balances, region in every():
        doc = document(balances, region)
        for part, name in (("sectors", "sector"), ("carriers", "carrier")):
            assert len({row[name] for row in doc[part]}) == len(doc[part])
            for measure, total in (
                ("final_energy_mwh", "final_energy_mwh"),
                ("emissions_t_co2e", "bisko_t_co2e"),
            ):
                assert close(sum(row[measure] for row in doc[part]), doc["totals"][total])
                for row in doc[part]:
                    cells = sum(c[measure] for c in doc["cells"] if c[name] == row[name])
                    assert close(cells, row[measure])


def test_fourteen_municipalities_sum_to_the_county() -> None:
    for leaves, county in RESULTS.values():
        doc = document(county, COUNTY)
        assert doc["members"] == {
            "expected": 14,
            "present": 14,
            "regions": [str(k) for k in leaves.regions],
        }
        parts = [document(leaves, str(key)) for key in leaves.regions]
        for name, value in doc["totals"].items():
            if name == "waste_t_co2e":  # nobody delivered any: missing, not zero
                assert value is None
            elif not name.endswith("_per_inhabitant") and name != "renewable_coverage":
                assert close(sum(part["totals"][name] for part in parts), value), name
        assert doc["region"]["population"] == sum(part["region"]["population"] for part in parts)
        for i, cell in enumerate(doc["cells"]):
            assert close(
                sum(part["cells"][i]["emissions_t_co2e"] for part in parts),
                cell["emissions_t_co2e"],
            )


def test_every_cell_explains_itself_from_the_stored_records() -> None:
    for balances, region in every():
        run, record = json.loads(
            json.dumps([run_record(balances), region_record(balances, region)])
        )
        doc = document(balances, region)
        for cell in doc["cells"]:
            told = explain(run, record, sector=cell["sector"], carrier=cell["carrier"])
            assert close(told["value"], cell["emissions_t_co2e"])
            assert close(told["value"], math.fsum(row["emissions_t_co2e"] for row in told["rows"]))
            assert close(told["final_energy_mwh"], cell["final_energy_mwh"])
            for row in told["rows"]:
                assert close(
                    row["activity"]["quantity"] * row["factor"]["value"] / 1000,
                    row["emissions_t_co2e"],
                )
        for sector in doc["sectors"]:
            assert close(
                explain(run, record, sector=sector["sector"])["value"], sector["emissions_t_co2e"]
            )
        for carrier in doc["carriers"]:
            assert close(
                explain(run, record, carrier=carrier["carrier"])["value"],
                carrier["emissions_t_co2e"],
            )
        assert close(explain(run, record)["value"], doc["totals"]["bisko_t_co2e"])
        for block, total in BLOCKS.items():
            assert close(explain(run, record, block=block)["value"], doc["totals"][total])
        assert close(
            explain(run, record, block="renewables")["value"],
            doc["totals"]["renewable_generation_mwh"],
        )


def test_the_arithmetic_of_an_allocated_figure() -> None:
    leaves, county = RESULTS[2021]
    for balances, region in ((leaves, SOEST), (county, COUNTY)):
        told = explain(
            run_record(balances),
            region_record(balances, region),
            sector="households",
            carrier="heating_oil",
        )
        (row,) = told["rows"]
        a = row["activity"]["arithmetic"]
        assert a["national_mwh"] == 108_219_722
        assert close(
            a["national_mwh"] * a["key_region"] / a["key_germany"], row["activity"]["quantity"]
        )
        assert row["factor"]["source"]
        assert row["factor"]["certainty"] == "verified"
        assert row["activity"]["source"].startswith("AG Energiebilanzen")
    told = explain(
        run_record(leaves),
        region_record(leaves, SOEST),
        sector="households",
        carrier="heating_oil",
        language="en",
    )
    (row,) = told["rows"]
    plain = row["activity"]["derivation"].replace(NARROW_SPACE, "")
    assert plain.startswith("108219722 MWh (Germany 2021) x 2211.82")
    assert "evaluation tables of the energy balance" in row["activity"]["source"]
    german = explain(
        run_record(leaves), region_record(leaves, SOEST), sector="households", carrier="heating_oil"
    )["rows"][0]["activity"]
    assert german["derivation"].startswith("108\u202f219\u202f722 MWh (Deutschland 2021) x ")
    assert "x 2\u202f211,82" in german["derivation"]
    assert "Auswertungstabellen" in german["source"]
    assert "Bodenflaeche" not in german["source"]
    assert {s["statistic"] for s in row["activity"]["statistics"]} == {
        "living_area_1000m2",
        "flats_total",
        "flats_district_heat",
    }


def test_a_carried_factor_says_so() -> None:
    leaves, _ = RESULTS[2018]
    told = explain(
        run_record(leaves), region_record(leaves, SOEST), sector="households", carrier="biomass"
    )
    assert (told["rows"][0]["factor"]["year"], told["rows"][0]["factor"]["carried"]) == (2019, True)


def test_missing_livestock_is_listed_and_not_counted() -> None:
    rows = METHOD.statistics
    rows = rows[~rows["statistic"].isin(["poultry", "other_animals"])]
    leaves = start_balances(wide(rows, 2021), METHOD, 2021)
    told = explain(run_record(leaves), region_record(leaves, SOEST), block="agriculture")
    assert {row["key"] for row in told["missing"]} == {"poultry", "other_animals"}
    doc = document(leaves, SOEST)
    assert doc["complete"] == {
        "bisko": True,
        "agriculture": False,
        "land_use": True,
        "process_ets": True,
        "renewables": True,
        "waste": True,
    }
    poultry = [r for r in doc["blocks"]["agriculture"] if r["category"] == "poultry"]
    assert {r["status"] for r in poultry} == {"missing"}
    assert {r["emissions_t_co2e"] for r in poultry} == {None}


def test_the_shape_that_the_contract_names() -> None:
    doc = document(RESULTS[2021][0], SOEST)
    assert doc["region"] == {
        "ags": SOEST,
        "name": "Soest",
        "kind": "municipality",
        "population": 47929,
    }
    assert set(doc["totals"]) >= {
        "final_energy_mwh",
        "bisko_t_co2e",
        "bisko_t_co2e_per_inhabitant",
        "agriculture_t_co2e",
        "extended_t_co2e",
        "land_use_t_co2e",
        "net_with_land_use_t_co2e",
        "process_ets_t_co2",
        "renewable_generation_mwh",
    }
    assert set(doc["blocks"]) == {"agriculture", "land_use", "process_ets", "renewables", "waste"}
    assert all(rows for block, rows in doc["blocks"].items() if block != "waste")
    assert {"id", "version", "digest"} <= set(doc["factor_set"])
    assert {row["sector"] for row in doc["sectors"]} == {
        "households",
        "commerce",
        "industry",
        "transport",
    }
    assert json.loads(json.dumps(doc, allow_nan=False)) == doc


def test_labels_in_both_languages() -> None:
    leaves = RESULTS[2021][0]
    german, english = document(leaves, SOEST), document(leaves, SOEST, "en")
    assert german["sectors"][0]["label"] == "Private Haushalte"
    assert english["sectors"][0]["label"] == "Private households"
    assert german["totals"] == english["totals"]
    assert [c["carrier"] for c in german["carriers"]] == [c["carrier"] for c in english["carriers"]]


def test_blocks_sum_to_their_totals() -> None:
    for balances, region in every():
        doc = document(balances, region)
        for block, total in BLOCKS.items():
            rows = [r for r in doc["blocks"][block] if not r.get("memo")]
            assert close(sum(r["emissions_t_co2e"] or 0 for r in rows), doc["totals"][total])
        generation = sum(r["generation_mwh"] for r in doc["blocks"]["renewables"])
        assert close(generation, doc["totals"]["renewable_generation_mwh"])


def test_many_documents_are_the_single_ones() -> None:
    leaves = RESULTS[2021][0]
    assert dict(documents(leaves)) == {
        str(key): document(leaves, str(key)) for key in leaves.regions
    }


def test_the_digest_is_the_same_in_every_batch_and_sees_every_change() -> None:
    leaves = RESULTS[2021][0]
    alone = start_balances(wide(METHOD.statistics, 2021, regions=[SOEST]), METHOD, 2021)
    assert digest(alone, SOEST) == digest(leaves, SOEST)
    shuffled = METHOD.statistics.sample(frac=1.0, random_state=3)
    assert digest(start_balances(wide(shuffled, 2021), METHOD, 2021), SOEST) == digest(
        leaves, SOEST
    )
    changed = METHOD.statistics.copy()
    here = (changed["region"] == "05000000") & (changed["statistic"] == "cows")
    changed.loc[here, "value"] += 1
    assert digest(start_balances(wide(changed, 2021), METHOD, 2021), SOEST) != digest(leaves, SOEST)
    other = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021, Options(gwp_set="AR6"))
    assert digest(other, SOEST) != digest(leaves, SOEST)
    assert digest(compute(2021)[1], COUNTY) == digest(RESULTS[2021][1], COUNTY)


def test_line_ids_are_unique() -> None:
    for pair in RESULTS.values():
        for balances in pair:
            ids = [line.id for line in balances.lines]
            assert len(set(ids)) == len(ids)


def test_an_unknown_block_is_an_error() -> None:
    leaves = RESULTS[2021][0]
    with pytest.raises(InputError, match="block"):
        explain(run_record(leaves), region_record(leaves, SOEST), block="forest")


@pytest.mark.parametrize("year", [2018, 2021])
def test_the_county_is_plausible(year: int) -> None:
    leaves, county = RESULTS[year]
    per_head = leaves.total("bisko_t_co2e") / leaves.total("population")
    assert per_head.between(6, 15).all()
    doc = document(county, COUNTY)
    assert 8 < doc["totals"]["bisko_t_co2e_per_inhabitant"] < 10.5
    assert doc["totals"]["process_ets_t_co2"] > 2.6e6
    assert doc["totals"]["land_use_t_co2e"] < 0 < doc["totals"]["agriculture_t_co2e"]
    shares = {
        row["sector"]: row["emissions_t_co2e"] / doc["totals"]["bisko_t_co2e"]
        for row in doc["sectors"]
    }
    assert all(share > 0.1 for share in shares.values())


def test_nobody_lives_here() -> None:
    frame = pd.DataFrame(
        {
            "population": [0.0],
            "living_area_1000m2": [0.0],
            "flats_total": [0.0],
            "flats_district_heat": [0.0],
            "traffic_area_ha": [3.0],
        },
        index=["01001001"],
    )
    doc: dict[str, Any] = document(start_balances(frame, METHOD, 2021), "01001001")
    assert doc["totals"]["bisko_t_co2e_per_inhabitant"] is None
    assert doc["totals"]["bisko_t_co2e"] == 0
    assert json.dumps(doc, allow_nan=False)
    assert not np.isnan(doc["totals"]["final_energy_mwh"])


def test_the_digest_does_not_depend_on_the_other_regions_of_a_run() -> None:
    """Other states bring lines of their own, which moves the positions of lines but not their
    meaning."""
    alone = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021)
    south = METHOD.statistics[METHOD.statistics["region"] == SOEST].assign(region="01001001")
    among = start_balances(wide(pd.concat([METHOD.statistics, south]), 2021), METHOD, 2021)
    assert [line.id for line in among.lines] != [line.id for line in alone.lines]
    assert digest(among, SOEST) == digest(alone, SOEST)


def test_the_digest_sees_options_that_change_no_figure() -> None:
    other = start_balances(
        wide(METHOD.statistics, 2021), METHOD, 2021, Options(airports=("05315000",))
    )
    assert digest(other, SOEST) != digest(RESULTS[2021][0], SOEST)


def test_members_in_any_order_and_twice_are_the_same_sum() -> None:
    leaves, county = RESULTS[2021]
    keys = [str(key) for key in leaves.regions]
    again = aggregate(leaves, {COUNTY: [*reversed(keys), keys[0]]})
    assert again.members[COUNTY] == tuple(sorted(keys))
    assert digest(again, COUNTY) == digest(county, COUNTY)
    assert again.total("bisko_t_co2e")[COUNTY] == county.total("bisko_t_co2e")[COUNTY]
