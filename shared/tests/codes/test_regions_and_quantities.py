"""Region keys, years, quantities and money: what is accepted, what is refused and with which
words."""

import contextlib
import json
from decimal import Decimal
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from klima_shared.codes.quantities import Finite, Money, NonNegativeMoney, Quantity, Year, YearParam
from klima_shared.codes.regions import Ags, RegionKind, canonical_ags, covers, level, parent
from klima_shared.http.validation import validation_text
from klima_shared.language.errors import InputError

SOEST, COUNTY, STATE, GERMANY = "05974040", "05974000", "05000000", "DG000000"
HAMM, HAMBURG, BERLIN = "05915000", "02000000", "11000000"


def refusal(kind, text, lang="de"):
    """The words with which the JSON `text` is refused as `kind`."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_json(text)
    (error,) = caught.value.errors()
    return validation_text(error).get(lang)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("05974040", SOEST),
        ("059740040040", SOEST),
        (" 05974040 ", SOEST),
        ("05974", COUNTY),
        ("05974000", COUNTY),
        ("059740000000", COUNTY),
        ("05", STATE),
        ("05000000", STATE),
        ("050000000000", STATE),
        ("DG", GERMANY),
        ("dg000000", GERMANY),
        ("05915", HAMM),
        ("059150000000", HAMM),
        ("02", HAMBURG),
        ("02000", HAMBURG),
        ("110000000000", BERLIN),
        ("07131003", "07131003"),
        ("071310003003", "07131003"),
    ],
)
def test_accepted_forms_of_a_region_key(text, canonical):
    assert canonical_ags(text) == canonical
    assert canonical_ags(canonical) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "00",
        "17",
        "00974040",
        "17974040",
        "059",
        "0597",
        "05974 040",
        "059740400",
        "0597404000",
        "05974040000",
        "05900",
        "05900000",
        "05900001",
        "0597404a",
        "٠٥٩٧٤٠٤٠",
        "D",
        "DE",
        "DG0",
        "DG974040",
        "-5974040",
        "5974040.0",
        "071315001000",
        "0597404000400400",
    ],
)
def test_refused_region_keys(text):
    with pytest.raises(InputError) as caught:
        canonical_ags(text)
    assert text in caught.value.text.de
    assert text in caught.value.text.en


@pytest.mark.parametrize(
    ("text", "meant"), [("5974040", "05974040"), ("5974", "05974"), ("59740040040", "059740040040")]
)
def test_a_lost_leading_zero_is_pointed_out(text, meant):
    with pytest.raises(InputError, match=f"leading zero seems to be missing \\({meant}\\)"):
        canonical_ags(text)


def test_a_municipal_association_is_not_taken_for_its_county():
    with pytest.raises(InputError, match="municipal association"):
        canonical_ags("071315001000")


@pytest.mark.parametrize("text", ["5974040", "5974040.0", "true", "null", "[]", "{}"])
def test_a_region_key_as_anything_but_text_is_explained(text):
    assert "als Text in Anführungszeichen" in refusal(Ags, text)
    assert "text in quotation marks" in refusal(Ags, text, "en")


def test_levels_and_parents_by_the_key():
    assert [level(k) for k in (GERMANY, STATE, COUNTY, SOEST)] == [
        RegionKind.COUNTRY,
        RegionKind.STATE,
        RegionKind.COUNTY,
        RegionKind.MUNICIPALITY,
    ]
    assert [parent(k) for k in (SOEST, COUNTY, STATE, GERMANY)] == [COUNTY, STATE, GERMANY, None]


def test_independent_cities_and_city_states():
    assert (level(HAMM), parent(HAMM)) == (RegionKind.COUNTY, STATE)
    assert (level(BERLIN), parent(BERLIN)) == (RegionKind.STATE, GERMANY)


@pytest.mark.parametrize(
    ("region", "other", "inside"),
    [
        (GERMANY, SOEST, True),
        (GERMANY, GERMANY, True),
        (GERMANY, HAMM, True),
        (STATE, SOEST, True),
        (STATE, COUNTY, True),
        (STATE, HAMM, True),
        (STATE, STATE, True),
        (STATE, GERMANY, False),
        (STATE, HAMBURG, False),
        (COUNTY, SOEST, True),
        (COUNTY, COUNTY, True),
        ("05974", "059740040040", True),
        (COUNTY, HAMM, False),
        (COUNTY, STATE, False),
        (COUNTY, GERMANY, False),
        (COUNTY, "05970040", False),
        (SOEST, SOEST, True),
        (SOEST, COUNTY, False),
        (SOEST, "05974044", False),
        (HAMM, HAMM, True),
        (HAMM, SOEST, False),
        (BERLIN, BERLIN, True),
        (HAMBURG, BERLIN, False),
    ],
)
def test_covers(region, other, inside):
    assert covers(region, other) is inside


@pytest.mark.parametrize(
    ("region", "other"), [("", SOEST), ("0", SOEST), (SOEST, ""), ("0597", SOEST), ("*", SOEST)]
)
def test_what_is_no_key_never_covers(region, other):
    with pytest.raises(InputError):
        covers(region, other)


KEYS = st.from_regex(TypeAdapter(Ags).json_schema()["pattern"], fullmatch=True)


@given(KEYS)
def test_what_the_published_pattern_allows_is_accepted(key):
    if len(key) == 12 and key.endswith("000") and key[5:9] != "0000":
        with pytest.raises(
            InputError, match="municipal association"
        ):  # the one rule that a pattern cannot say
            canonical_ags(key)
        return
    canonical = canonical_ags(key)
    assert len(canonical) == 8
    assert canonical_ags(canonical) == canonical
    assert covers(canonical, canonical)
    above = parent(canonical)
    if above is not None:
        assert covers(above, canonical)
        assert not covers(canonical, above)


@given(st.text(max_size=14))
def test_no_text_breaks_the_reader_of_keys(text):
    with contextlib.suppress(InputError):
        assert len(canonical_ags(text)) == 8


def test_years():
    assert TypeAdapter(Year).validate_json("1990") == 1990
    assert TypeAdapter(Year).validate_json("2100") == 2100
    for text in ('"2021"', "2021.0", "2021.5", "true", "null"):
        assert "ganze Zahl ohne Anführungszeichen" in refusal(Year, text)
    for text in ("1989", "2101", "-2021", "1" + "0" * 4000):
        assert "1990" in refusal(Year, text)


def test_years_of_a_path():
    assert TypeAdapter(YearParam).validate_python("2021") == 2021
    for text in ("2021.0", " 2021", "+2021", "2_021", "21", "٢٠٢١", "02021", "2101", True):
        with pytest.raises(ValidationError):
            TypeAdapter(YearParam).validate_python(text)


@pytest.mark.parametrize("text", ['"1.5"', "true", "null", "1e999", "NaN", "Infinity", "[1]"])
@pytest.mark.parametrize("kind", [Finite, Quantity])
def test_what_is_no_quantity(kind, text):
    assert refusal(kind, text)


def test_quantities():
    assert TypeAdapter(Quantity).validate_json("0") == 0
    assert TypeAdapter(Quantity).validate_json("3") == 3.0
    assert TypeAdapter(Finite).validate_json("-1.5") == -1.5
    assert "mindestens 0" in refusal(Quantity, "-0.1")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ('"1234.50"', "1234.50"),
        ('"1234.5"', "1234.50"),
        ('"0"', "0.00"),
        ('"-0.01"', "-0.01"),
        ('"-0"', "0.00"),
    ],
)
def test_money_is_a_decimal_string(text, amount):
    adapter = TypeAdapter(Money)
    value = adapter.validate_json(text)
    assert isinstance(value, Decimal)
    assert json.loads(adapter.dump_json(value)) == amount


def test_money_from_the_database_is_kept_exactly():
    class Cost(BaseModel):
        amount_eur: NonNegativeMoney

    cost = Cost(amount_eur=Decimal("9999999999999.99"))
    assert cost.amount_eur == Decimal("9999999999999.99")
    assert cost.model_dump_json() == '{"amount_eur":"9999999999999.99"}'
    assert cost.model_dump()["amount_eur"] == Decimal("9999999999999.99")


@pytest.mark.parametrize("text", ["1234.5", "1234", "true", "null"])
def test_money_as_a_number_is_explained(text):
    assert "nicht auf den Cent genau" in refusal(Money, text)


@pytest.mark.parametrize(
    "text",
    ["1.234", "1,5", "1 000", "NaN", "Infinity", "1e3", "007", "", "+1", ".5", "5.", "1" * 14],
)
def test_refused_amounts(text):
    assert "höchstens 13 Stellen" in refusal(Money, json.dumps(text))


def test_amounts_below_zero():
    assert "nicht negativ" in refusal(NonNegativeMoney, '"-0.01"')


@pytest.fixture
async def client():
    app = FastAPI()

    class Body(BaseModel):
        region: Ags
        year: Year
        amount_eur: Money

    @app.post("/v1/regions/{ags}/{year}")
    def post_thing(ags: Ags, year: YearParam, body: Body):
        return {"ags": ags, "year": year, "body": body}

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


async def test_over_http(client):
    body = {"region": "05974", "year": 2021, "amount_eur": "1.5"}
    assert (await client.post("/v1/regions/059740040040/2021", json=body)).json() == {
        "ags": SOEST,
        "year": 2021,
        "body": {"region": COUNTY, "year": 2021, "amount_eur": "1.50"},
    }
    assert (await client.post("/v1/regions/5974040/2021", json=body)).status_code == 422
    assert (await client.post("/v1/regions/05974040/2021.0", json=body)).status_code == 422
    assert (
        await client.post("/v1/regions/05974040/2021", json=body | {"year": "2021"})
    ).status_code == 422


async def test_in_the_document(client):
    schema = (await client.get("/openapi.json")).json()["components"]["schemas"]["Body"][
        "properties"
    ]
    assert schema["region"]["type"] == "string"
    assert schema["year"]["minimum"] == 1990
    assert schema["amount_eur"]["type"] == "string"


@pytest.mark.parametrize(
    ("text", "said"),
    [("-1", "Muss mindestens 0 sein."), ("1e13", "Darf höchstens 1000000000000 sein.")],
)
def test_a_limit_is_said_as_people_write_it(text, said):
    assert refusal(Annotated[float, Field(ge=0, le=1e12)], text) == said
