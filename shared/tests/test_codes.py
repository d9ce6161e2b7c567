"""Code lists: their values are the contract, their labels are complete, and all of them are in the
glossary."""

import re
from pathlib import Path

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from klima_shared.codes import lists as codes
from klima_shared.codes.lists import (
    Block,
    Carrier,
    Certainty,
    FieldOfAction,
    Grade,
    Labelled,
    Light,
    Role,
    Sector,
)
from klima_shared.http.validation import validation_text

# Services have lists of their own, on the same base.
LISTS = sorted(
    (kind for kind in Labelled.__subclasses__() if kind.__module__ == codes.__name__),
    key=lambda kind: kind.__name__,
)
MEMBERS = [member for kind in LISTS for member in kind]
GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")


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
    assert public - {member.name for member in MEMBERS} <= {"weight", "showable"}
    assert codes.Labelled.__doc__
