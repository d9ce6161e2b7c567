"""Which language a reader gets, and how figures are written for people."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klima_shared.http.language import negotiate
from klima_shared.language.numbers import exact, long_date, number, percent, quantity, unit_label

N = "\u202f"


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "de"),
        ("", "de"),
        ("en", "en"),
        ("de", "de"),
        ("EN-gb", "en"),
        ("fr", "de"),
        ("*", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("fr,en;q=0.5,de;q=0.4", "en"),
        ("en;q=0.3,*;q=0.8", "de"),
        ("de;q=0, *", "en"),
        ("de;q=0", "de"),
        ("en;q=0", "de"),
        ("en;q=0,de;q=0", "de"),
        ("en, de", "en"),
        ("de, en", "de"),
        ("en;q=2", "de"),
        ("en;q=abc", "de"),
        ("en;level=1", "de"),
        (",;,=", "de"),
        ("english", "de"),
        ("en ; q=0.5", "en"),
    ],
)
def test_language(header, lang):
    assert negotiate(header) == lang


@given(st.text(max_size=200))
def test_no_header_breaks_it(header):
    assert negotiate(header) in {"de", "en"}


@pytest.mark.parametrize(
    ("value", "decimals", "german", "english"),
    [
        (1234567.891, 1, f"1{N}234{N}567,9", f"1{N}234{N}567.9"),
        (1234, 0, f"1{N}234", f"1{N}234"),
        (999.5, 0, f"1{N}000", f"1{N}000"),
        (-1234.5, 1, f"\u22121{N}234,5", f"\u22121{N}234.5"),
        (0.5, 0, "1", "1"),
        (2.5, 0, "3", "3"),
        (-2.5, 0, "\u22123", "\u22123"),
        (1.005, 2, "1,01", "1.01"),
        (-0.04, 1, "0,0", "0.0"),
        (0, 2, "0,00", "0.00"),
        (Decimal("1234.50"), 2, f"1{N}234,50", f"1{N}234.50"),
        (None, 2, "keine Angabe", "no data"),
    ],
)
def test_numbers(value, decimals, german, english):
    assert number(value, "de", decimals) == german
    assert number(value, "en", decimals) == english


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.01234, "0,0123"),
        (1.234, "1,23"),
        (12.34, "12,3"),
        (123.4, "123"),
        (12345.6, f"12{N}346"),
        (9.999, "10,00"),
    ],
)
def test_three_significant_digits_by_default(value, text):
    assert number(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_never_shown(value):
    with pytest.raises(ValueError, match="finite"):
        number(value)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_every_number_can_be_written_and_read(value, decimals):
    text = number(value, "de", decimals)
    back = Decimal(text.replace(N, "").replace(",", ".").replace("\u2212", "-"))
    assert abs(back - Decimal(repr(value))) <= Decimal(1).scaleb(-decimals) / 2
    assert text != "\u22120"


def test_quantities():
    assert quantity(1234.5, "t CO2e", decimals=1) == f"1{N}234,5{N}t{N}CO₂e"
    assert quantity(None, "MWh", "en") == "no data"
    assert percent(0.653) == f"65{N}%"
    assert percent(None) == "keine Angabe"
    assert unit_label("g CO2e/kWh") == f"g{N}CO₂e/kWh"
    assert unit_label("kWh/m2") == "kWh/m²"


def test_dates():
    assert long_date(date(2021, 3, 1)) == "1. März 2021"
    assert long_date(date(2021, 3, 1), "en") == "1 March 2021"


def test_arithmetic_keeps_every_digit_in_the_reader_s_format() -> None:
    assert exact(2211.82) == "2\u202f211,82"
    assert exact(108219722.0, "en") == "108\u202f219\u202f722"
    assert exact(-0.000125, "en") == "\u22120.000125"
    assert exact(1e20) == "100" + "\u202f000" * 6
    assert exact(0.1 + 0.2) == "0,3"
    assert exact(None, "en") == "no data"
