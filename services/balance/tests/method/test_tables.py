"""The method as data: complete, sourced, and consistent with itself."""

import csv
import re
from importlib.resources import files
from pathlib import Path
from shutil import copytree

import pytest

from klima_balance.engine.options import DEFAULT_FACTOR_SET
from klima_balance.method import MethodTableError, load_method
from klima_balance.method.sources import source_in
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Certainty
from klima_shared.codes.regions import RegionKind, canonical_ags
from klima_shared.language.errors import InputError

METHOD = load_method()
METHOD_DIRECTORY = Path(str(files("klima_balance.method")))
SOURCED = (
    "factors",
    "gwp",
    "agriculture",
    "agriculture_reference",
    "land_use",
    "land_use_reference",
    "heating_values",
    "national_energy",
    "carrier_splits",
    "key_totals",
    "full_load_hours",
    "weather",
    "vehicles",
    "plausibility",
    "parameters",
    "statistics",
)


@pytest.mark.parametrize("name", SOURCED)
def test_every_row_has_source_and_certainty(name: str) -> None:
    table = getattr(METHOD, name)
    assert not table.empty
    assert table["source"].str.strip().ne("").all()
    assert set(table["certainty"]) <= set(Certainty)


def test_values_are_numbers() -> None:
    for name in SOURCED:
        table = getattr(METHOD, name)
        for column in ("value", "share"):
            if column in table:
                assert table[column].notna().all(), name


def test_loading_is_done_once_and_the_digest_sees_a_changed_byte(tmp_path: Path) -> None:
    assert load_method() is METHOD
    folder = copytree(METHOD_DIRECTORY, tmp_path / "method")
    assert load_method(folder).digest == METHOD.digest
    other = copytree(folder, tmp_path / "other")
    table = other / "gwp.csv"
    table.write_text(table.read_text().replace("AR5,CH4,28", "AR5,CH4,29"))
    changed = load_method(other)
    assert changed.digest != METHOD.digest
    assert changed.gwp_of("CH4", "AR5") == 29


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("AR5,CH4,28", 'AR5,CH4,"28,5"', "gwp.csv line .*, column value: '28,5' is no number"),
        ("AR5,CH4,28", "AR5,CH4", "gwp.csv line .* columns, expected 7"),
    ],
)
def test_a_broken_table_names_file_line_and_column(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    folder = copytree(METHOD_DIRECTORY, tmp_path / "method")
    table = folder / "gwp.csv"
    text = table.read_text()
    assert old in text
    table.write_text(text.replace(old, new))
    with pytest.raises(MethodTableError, match=message):
        load_method(folder)
    table.unlink()
    with pytest.raises(MethodTableError, match="missing"):
        load_method(folder)


@pytest.mark.parametrize("changed", ["factors.csv", "released_factor_sets.csv"])
def test_a_released_factor_set_keeps_its_rows(tmp_path: Path, changed: str) -> None:
    folder = copytree(METHOD_DIRECTORY, tmp_path / "method")
    table = folder / changed
    lines = table.read_text().splitlines(keepends=True)
    if changed == "factors.csv":
        at = next(i for i, line in enumerate(lines) if line.startswith("bisko-2026.1,"))
        lines[at] = lines[at].replace("bisko-2026.1,", "bisko-2026.1,x", 1)
    else:
        lines = [line for line in lines if not line.startswith("bisko-2026.1,")]
    table.write_text("".join(lines))
    with pytest.raises(
        MethodTableError, match=r"released set bisko-2026\.1 .* a new value is a new"
    ):
        load_method(folder)


def test_the_national_tables_are_one_edition_with_a_name(tmp_path: Path) -> None:
    assert METHOD.edition.id == "AGEB-2025-09"
    folder = copytree(METHOD_DIRECTORY, tmp_path / "method")
    table = folder / "national_final_energy.csv"
    table.write_text(table.read_text().replace("255496389", "255496390", 1))
    changed = load_method(folder).edition
    assert changed.id == "unreleased"
    assert changed.digest != METHOD.edition.digest


def test_codes_are_those_of_the_lists() -> None:
    assert set(METHOD.allocation["sector"]) <= set(Sector)
    assert set(METHOD.allocation["carrier"]) <= set(Carrier)
    assert set(METHOD.carrier_factors["carrier"]) == set(Carrier) - {"hydrogen"}
    assert set(METHOD.regions["kind"]) <= set(RegionKind)
    assert all(canonical_ags(key) == key for key in METHOD.regions["region"])


def test_every_rule_finds_its_national_figure_and_its_key() -> None:
    parts = dict(zip(METHOD.carrier_splits["part"], METHOD.carrier_splits["carrier"], strict=True))
    known = set(
        zip(METHOD.national_energy["activity"], METHOD.national_energy["carrier"], strict=True)
    )
    for rule in METHOD.allocation.to_dict("records"):
        assert (rule["activity"], parts.get(rule["carrier"], rule["carrier"])) in known
        assert rule["key"] in set(METHOD.keys["key"])
        if not rule["condition"]:
            assert rule["key"] in set(METHOD.key_totals["key"])
    assert len(known) == 53
    assert METHOD.carrier_splits.groupby("year")["share"].sum().to_list() == pytest.approx(
        [1.0] * 7
    )


def test_national_totals() -> None:
    # households 2021: 2,571.986 PJ / 3.6
    table = METHOD.national_energy
    households = table[(table["activity"] == "households") & (table["year"] == 2021)]["value"].sum()
    assert households == 714_440_555
    assert table.groupby("year").size().to_dict() == dict.fromkeys(range(2018, 2025), 53)
    provisional = table[table["certainty"] == "provisional"]
    assert set(provisional["year"]) == {2024}


def test_comparison_sets_do_not_leak_into_bisko() -> None:
    bisko = METHOD.factors[METHOD.factors["set"] == DEFAULT_FACTOR_SET]
    assert set(bisko["gas"]) == {"CO2e"}
    dated = bisko[bisko["year"].notna()]
    assert not dated.duplicated(["category", "year"]).any()
    assert bisko[(bisko["category"] == "electricity") & (bisko["year"] == 2020)][
        "value"
    ].tolist() == [429]
    assert set(METHOD.factors["set"]) == set(METHOD.factor_sets["id"])


def test_an_unknown_set_is_an_error_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"bisko-2026\.1"):
        METHOD.factor_set("nope")


def test_official_figures_of_the_county_are_its_municipalities() -> None:
    rows = METHOD.statistics
    plain = rows[~rows["flag"].isin(["correction"])]
    county = plain[plain["region"] == "05974000"].set_index(["statistic", "year"])["value"]
    parts = (
        plain[~plain["region"].isin(["05974000", "05000000"])]
        .groupby(["statistic", "year"])["value"]
        .sum()
    )
    for name in ("population", "flats_total", "flats_district_heat", "ets_industry_t"):
        for at, value in county[name].items():
            assert parts[name, at] == value, name
    for name in ("agricultural_area_ha", "forest_ha", "traffic_area_ha", "land_area_ha"):
        for at, value in county[name].items():
            assert parts[name, at] == pytest.approx(value, rel=0.002), name


def test_the_wind_correction_shows_its_arithmetic() -> None:
    rows = METHOD.statistics[METHOD.statistics["statistic"] == "wind_kw"]
    fixed = rows[rows["flag"] == "correction"].set_index("region")
    assert sorted(fixed.index) == ["05974036", "05974040", "05974044"]
    # 188,271 kW / 167 turbines = 1,127.37 kW; Rüthen 45, Soest 4, Warstein 17
    mean = 188_271 / 167
    for region, turbines in (("05974036", 45), ("05974040", 4), ("05974044", 17)):
        assert fixed.loc[region, "value"] == pytest.approx(turbines * mean, abs=0.05)
        assert f"{turbines} turbines x 1127.37" in str(fixed["note"][region])
        assert fixed.loc[region, "certainty"] == "unverified_low"
        original = rows[(rows["region"] == region) & (rows["flag"] == "implausible")]
        assert sorted(original["year"]) == [2021, 2024]


def test_every_source_of_every_table_is_named_in_both_languages() -> None:
    rows = csv.DictReader((METHOD_DIRECTORY / "sources.csv").read_text("utf-8").splitlines())
    named = {row["part"]: row for row in rows}
    for path in METHOD_DIRECTORY.glob("*.csv"):
        table = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        for row in table if path.name != "sources.csv" else ():
            assert set(row.get("source", "").split("; ")) <= named.keys() | {""}, path.name
    english = re.compile(r"\b(from memory|table|compiled by|default|plants of|method)\b")
    german = re.compile(r"\b(Annahme|Tabelle|Schritt|Juli|ungeprüft|Vorgabewert)\b")
    assert [row["de"] for row in named.values() if english.search(row["de"])] == []
    assert [row["en"] for row in named.values() if german.search(row["en"])] == []


def test_a_source_is_found_under_each_of_its_wordings() -> None:
    stored = "DEHSt, emissions-trading plants of industry; Destatis 33111; Stadtwerke (Beispiel)"
    german = (
        "DEHSt, Anlagen der Industrie im Emissionshandel; Destatis 33111; Stadtwerke (Beispiel)"
    )
    assert source_in(stored, "de") == source_in(german, "de") == german
    assert source_in(german, "en") == stored
    # Two tables, one publication: said once.
    assert source_in("from memory; aus dem Gedächtnis", "en") == "from memory"
