"""The reader of official statistics: what it makes of good tables, and what it says about bad
ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from klima_balance.engine.observations import wide
from klima_balance.regions.files.statistics import TABLES, StatisticsError, read_directory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two municipalities and an independent city, every table of the layout."""
    files = {
        "ags_2021": (
            'ags,description\n01000000,Nordland\n01001000,"Flens, Stadt"\n01051000,Kreis\n'
            "01051001,Adorf\n01051002,Bdorf\n"
        ),
        "population_2018": "ags,total\n01051001,90\n01051002,190\n01051003,7\n01001000,700\n",
        "population_2021": (
            "ags,total\nDG000000,1000\n01000000,1000\n01051000,300\n01051001,100\n"
            "01051002,200\n01001000,700\n"
        ),
        "area_2021": (
            "ags,land_total,land_settlement,land_traffic,veg_agri,veg_forrest,veg_wood,"
            "veg_heath,veg_moor,veg_marsh,veg_plant_uncover_com,water_total,settlement_ghd\n"
            "01051001,100,10,5,50,20,1,0,0,0,1,2,3\n01051002,100,10,5,50,20,1,0,,0,1,2,3.5\n"
            "09999999,1,1,1,1,1,1,1,1,1,1,1,1\n"
        ),
        "buildings_2021": (
            "ags,buildings_total,flats_total,flats_heatnet,extra\n01051001,30,40.0,4.0,x\n"
        ),
        "flats_2021": (
            "ags,residential_buildings_total,residential_buildings_area_total\n01051001,30,5.5\n"
        ),
        "emissions_trading_sites_2021": "ags,miner_cement,DG000000,count_sum\n01051002,4.0,9.0,1\n",
        "emissions_trading_sites_2018": "ags,miner_cement,sum\n01051002,3.0,8.0\n",
        "renewable_energy_2021": "ags,pv,wind_on,biomass,water\n01051001,10.5,0,1,2\n",
        "nat_agri_2021": "ags,cows,cattle,pigs,poultry,other_animals\n01000000,10,20,30,40,50\n",
        "nat_agri_sources": "column name,unit\ncows,\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return tmp_path


def test_every_table_becomes_long_rows(folder: Path) -> None:
    read = read_directory(folder)
    rows = read.rows.set_index(["region", "year", "statistic"])["value"]
    assert rows["01051001", 2021, "population"] == 100
    assert rows["01051001", 2021, "flats_district_heat"] == 4
    assert rows["01051001", 2021, "living_area_1000m2"] == 5.5
    assert rows["01051002", 2021, "ets_industry_t"] == 9
    assert rows["01051002", 2018, "ets_industry_t"] == 8
    assert rows["01051001", 2021, "hydro_kw"] == 2
    assert rows["01000000", 2021, "cattle_other"] == 20
    assert set(read.rows["statistic"]) == {
        c.statistic for table in TABLES.values() for c in table.columns
    }
    assert (read.rows["source"] != "").all()


def test_empty_is_missing_and_a_municipality_without_plants_has_none(folder: Path) -> None:
    read = read_directory(folder)
    rows = read.rows.set_index(["region", "year", "statistic"])
    assert ("01051002", 2021, "moor_ha") not in rows.index
    at = ("01051001", 2021, "ets_industry_t")
    assert rows["value"][at] == 0
    assert "no plant" in rows["note"][at]
    assert ("01051001", 2021, "wind_kw") in rows.index
    assert ("01051002", 2021, "wind_kw") not in rows.index


def test_regions_with_kind_parent_and_years(folder: Path) -> None:
    read = read_directory(folder)
    regions = read.regions.set_index("ags")
    kinds, above = regions["kind"].to_dict(), regions["parent"].to_dict()
    assert regions["name"]["01001000"] == "Flens, Stadt"
    assert (kinds["01001000"], above["01001000"]) == ("municipality", "01000000")
    assert (kinds["01051001"], above["01051001"]) == ("municipality", "01051000")
    assert (kinds["01051000"], above["01051000"]) == ("county", "01000000")
    assert regions["years"]["01051003"] == (2018,)
    assert kinds["DG000000"] == "country"
    assert read.foreign == {"area_2021": 1}
    assert read.ignored == ("nat_agri_sources.csv",)


def test_a_merged_municipality_lives_only_in_its_years(folder: Path) -> None:
    rows = read_directory(folder).rows
    assert wide(rows, 2018).regions.tolist() == ["01001000", "01051001", "01051002", "01051003"]
    assert wide(rows, 2021).regions.tolist() == ["01001000", "01051001", "01051002"]


def test_between_two_tables_equally_far_the_earlier_one_holds(folder: Path) -> None:
    (folder / "population_2018.csv").rename(folder / "population_2019.csv")
    rows = read_directory(folder).rows
    assert wide(rows, 2020).regions.tolist() == wide(rows, 2019).regions.tolist()
    assert "01051003" in wide(rows, 2020).regions
    assert len(wide(rows, 2021).regions) == 3


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / f"{name}.csv"
        text = path.read_text(encoding="utf-8-sig")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            change("population_2021", "ags,total", "ags,people"),
            "population_2021.csv, line 1, column total: found 'no such",
        ),
        (
            change("flats_2021", "5.5", '"5,5"'),
            "flats_2021.csv, line 2, .*'5,5', expected a decimal point, not a decimal",
        ),
        (
            change("flats_2021", "5.5", "5,5"),
            "flats_2021.csv, line 2: found '4 columns', expected 3 columns .*decimal comma",
        ),
        (
            change("population_2021", "01051001,100", "01051001,nan"),
            "line 5, column total: found 'nan', expected a finite",
        ),
        (
            change("population_2021", "01051001,100", "01051001,inf"),
            "found 'inf', expected a finite",
        ),
        (
            change("population_2021", "01051001,100", "01051001,-1"),
            "found '-1', expected a finite number of at least 0",
        ),
        (
            change("population_2021", "01051001,100", "01051001,many"),
            "found 'many', expected a finite number",
        ),
        (
            change("population_2021", "01051001", "01051002"),
            "line 6, column ags: found '01051002', expected every key once",
        ),
        (
            change("population_2021", "01051001", "1051001"),
            "found '1051001', expected 8 digits .*leading zero",
        ),
        (
            change("population_2021", "01051001", "Adorf"),
            "line 5, column ags: found 'Adorf', expected 8 digits",
        ),
        (
            change("population_2021", "ags,total", "key,total"),
            "column ags: found 'key', expected the column ags",
        ),
        (change("ags_2021", "description", "label"), "ags_2021.csv, line 1, column description"),
        (
            lambda folder: (folder / "flats_2021.csv").write_text(""),
            "flats_2021.csv, line 1, .*'an empty file'",
        ),
        (
            lambda folder: (folder / "flats_2021.csv").write_bytes(b"ags,\xff\n"),
            "flats_2021.csv: .*not UTF-8",
        ),
        (
            change("flats_2021", "5.5", "5\x07"),
            "flats_2021.csv, line 2: .*control characters.*, expected a table of ordinary text",
        ),
    ],
)
def test_bad_tables_name_file_line_column_and_expectation(
    folder: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(folder)
    with pytest.raises(StatisticsError, match=message):
        read_directory(folder)


def test_all_problems_are_reported_together(folder: Path) -> None:
    change("population_2021", "01051001,100", "01051001,x")(folder)
    change("flats_2021", "5.5", "y")(folder)
    with pytest.raises(StatisticsError) as caught:
        read_directory(folder)
    assert {(p.file, p.line, p.found) for p in caught.value.problems} == {
        ("population_2021.csv", 5, "x"),
        ("flats_2021.csv", 2, "y"),
    }


def test_the_lines_of_problems_are_those_an_editor_shows(folder: Path) -> None:
    change("ags_2021", '"Flens, Stadt"\n', '"Flens,\nStadt"\n\n')(folder)
    change("ags_2021", "01051002", "1051002")(folder)
    with pytest.raises(StatisticsError) as caught:
        read_directory(folder)
    assert [(p.file, p.line) for p in caught.value.problems] == [("ags_2021.csv", 8)]


def test_a_directory_without_population_or_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(StatisticsError, match="at least one table of population"):
        read_directory(tmp_path)
    with pytest.raises(StatisticsError, match="no directory"):
        read_directory(tmp_path / "nowhere")


def test_a_fault_of_a_whole_file_names_no_line(tmp_path: Path) -> None:
    with pytest.raises(StatisticsError) as caught:
        read_directory(tmp_path / "nowhere")
    assert (
        str(caught.value)
        == f"{tmp_path / 'nowhere'}: found 'no directory', expected a directory of tables"
    )
