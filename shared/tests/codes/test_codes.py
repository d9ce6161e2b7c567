"""Code lists: their values are the contract, their labels are complete, and all of them are in the
glossary."""

import ast
import inspect
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from klima_shared import county
from klima_shared.codes import labelled
from klima_shared.codes.access import Role
from klima_shared.codes.action import FieldOfAction, Light
from klima_shared.codes.energy import Block, Carrier, Sector
from klima_shared.codes.labelled import Labelled
from klima_shared.codes.quality import Certainty, Grade
from klima_shared.codes.regions import RegionKind
from klima_shared.http.validation import validation_text

# Services have lists of their own, on the same base.
LISTS = sorted(
    (kind for kind in Labelled.__subclasses__() if kind.__module__.startswith("klima_shared.")),
    key=lambda kind: kind.__name__,
)
MEMBERS = [member for kind in LISTS for member in kind]
GLOSSARY = (Path(__file__).parents[3] / "docs" / "glossary.md").read_text(encoding="utf-8")


assert RegionKind in LISTS


def named(member):
    return f"{type(member).__name__}.{member.name}"


def test_the_lists_that_other_rooms_import_are_there():
    assert {kind.__name__ for kind in LISTS} >= {
        "ActivityStatus",
        "Block",
        "Carrier",
        "Certainty",
        "ConformityState",
        "FieldOfAction",
        "Grade",
        "Light",
        "MeasureStatus",
        "Phase",
        "RegionKind",
        "Role",
        "Sector",
    }


@pytest.mark.parametrize("member", MEMBERS, ids=named)
def test_every_code_has_both_labels(member):
    assert member.label() == member.label("de") == member.de
    assert member.label("en") == member.en
    for label in (member.de, member.en):
        assert label == label.strip()
        assert len(label) > 1
    assert re.fullmatch(r"[a-z][a-z0-9_]*|[A-D]", member.value)


@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: kind.__name__)
def test_labels_tell_codes_apart(kind):
    for lang in ("de", "en"):
        labels = [member.label(lang) for member in kind]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("member", MEMBERS, ids=named)
def test_every_code_is_in_the_glossary(member):
    assert f"| `{member.value}` | {member.de} | {member.en} |" in GLOSSARY


def test_the_glossary_has_no_codes_that_are_gone():
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|", GLOSSARY, re.MULTILINE)
    known = {(member.value, member.de, member.en) for member in MEMBERS}
    assert {tuple(cell.strip() for cell in row) for row in rows} <= known


def test_the_contract_of_sectors_blocks_and_carriers():
    assert [sector.value for sector in Sector] == [
        "households",
        "commerce",
        "industry",
        "municipal",
        "transport",
    ]
    assert [block.value for block in Block] == [
        "bisko",
        "agriculture",
        "land_use",
        "process_ets",
        "renewables",
        "waste",
    ]
    assert {carrier.value for carrier in Carrier} >= {
        "electricity",
        "natural_gas",
        "district_heat",
        "heating_oil",
        "biomass",
        "solar_thermal",
        "ambient_heat",
        "lpg",
        "coal",
        "petrol",
        "diesel",
        "biofuels",
        "cng",
        "kerosene",
        "other_petroleum",
        "other_fossil",
    }


def test_fields_of_action_in_the_order_of_the_concept():
    assert [field.de.split(",")[0] for field in FieldOfAction] == [
        "Mobilität",
        "Klimaneutrale Kommune",
        "Klima- und Umweltbildung",
        "Nachhaltigkeit im Unternehmen",
        "Land- und Forstwirtschaft",
        "Bauleitplanung",
        "Energiewirtschaft",
        "Interkommunale Zusammenarbeit",
        "Grünflächenbewirtschaftung",
    ]


def test_grades_weigh_as_the_method_says():
    assert {grade.value: grade.weight for grade in Grade} == {
        "A": 1.0,
        "B": 0.5,
        "C": 0.25,
        "D": 0.0,
    }


def test_only_checked_values_are_shown_without_a_mark():
    assert [certainty.value for certainty in Certainty if certainty.showable] == [
        "verified",
        "derived",
    ]


def test_a_code_is_its_text():
    assert Sector.HOUSEHOLDS == "households"
    assert f"{Sector.HOUSEHOLDS}" == "households"
    assert Sector("households") is Sector.HOUSEHOLDS
    assert {Sector.HOUSEHOLDS: 1}["households"] == 1
    assert orjson.dumps([Carrier.CNG, Light.RED]) == b'["cng","red"]'


def test_the_order_of_a_list_is_its_rank():
    assert [role.rank for role in Role] == list(range(len(Role)))


def test_an_unknown_code_is_refused_with_the_known_ones():
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Sector).validate_python("haushalte")
    (error,) = caught.value.errors()
    assert "households, commerce" in validation_text(error).de
    assert TypeAdapter(Sector).json_schema()["enum"][0] == "households"


def test_codes_hold_no_rules_of_a_service():
    """Labels and orders only: what may follow what, and which factor serves which carrier, belongs
    to the services."""
    public = {name for kind in LISTS for name in vars(kind) if not name.startswith("_")}
    assert public - {member.name for member in MEMBERS} <= {"weight", "showable", "short"}


def test_a_row_of_the_table_is_a_carrier(monkeypatch, tmp_path):
    table = resources.files(labelled.__package__) / "carriers.csv"
    row = "peat,Torf,Peat,no,yes,no,no,yes,no,no,"
    (tmp_path / "carriers.csv").write_text(table.read_text(encoding="utf-8") + row + "\n", "utf-8")
    monkeypatch.setattr(labelled, "files", lambda package: tmp_path)
    code, de, en, facts = labelled.members("carriers.csv")["PEAT"]
    assert (code, de, en) == ("peat", "Torf", "Peat")
    assert (facts["heat"], facts["renewable"], facts["data_source"]) == (True, False, "")


def test_what_is_known_of_carriers():
    assert [c.value for c in Carrier if c.electric] == ["electricity", "heating_electricity"]
    assert [c.value for c in Carrier if c.grid_bound] == [
        "electricity",
        "natural_gas",
        "district_heat",
    ]
    assert not any(c.renewable and c.fossil for c in Carrier)
    assert {c.data_source for c in Carrier} == {"", "network", "funding"}
    assert {c.value for c in Carrier if c.road_fuel} >= {"petrol", "diesel"}


@pytest.mark.parametrize("kind", [Sector, Carrier, Block])
def test_members_named_in_code_are_rows_of_the_table(kind):
    source = ast.parse(Path(inspect.getsourcefile(kind)).read_text(encoding="utf-8"))
    (body,) = (n for n in source.body if isinstance(n, ast.ClassDef) and n.name == kind.__name__)
    (declared,) = (n for n in body.body if isinstance(n, ast.If))
    for line in declared.body:
        assert kind[line.targets[0].id].value == line.value.value


def test_a_tenth_field_of_action_is_a_row_of_the_county(tmp_path):
    for file in county.folder().iterdir():
        if file.suffix in {".toml", ".csv"}:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "fields_of_action.csv").open("a", encoding="utf-8") as file:
        file.write("health,Gesundheit,Health\n")
    program = "from klima_shared.codes.action import FieldOfAction as F; print(*F, F.HEALTH.de)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"KLIMA_COUNTY_FOLDER": str(tmp_path)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    assert answer == [*(field.value for field in FieldOfAction), "health", "Gesundheit"]
    assert len(answer) == 11


def test_the_county_is_what_its_folder_says(tmp_path, monkeypatch):
    (tmp_path / "county.toml").write_text(
        'key = "05958000"\nname = "Kreis X"\npublisher = "Kreis X und andere"\n'
        'genitive = "Kreises X"\ntown = "Y"\ntown_key = "05958004"\n',
        "utf-8",
    )
    monkeypatch.setenv("KLIMA_COUNTY_FOLDER", str(tmp_path))
    other = county.served_county.__wrapped__()
    assert (other.attribution, other.slug) == ("Kreis X und andere, Klimakreis", "kreis-x")


def test_no_code_names_a_county():
    name = county.served_county().town.casefold()
    root = Path(__file__).parents[3]
    sources = [p for p in root.glob("*/**/src/**/*.py") if ".venv" not in p.parts]
    assert len(sources) > 200
    assert [p for p in sources if name in p.read_text(encoding="utf-8").casefold()] == []
