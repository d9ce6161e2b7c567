"""Formulas: what is missing or impossible is unknown with a reason, never a zero."""

import pytest

from klima_controlling.base.model import Direction, IndicatorKind
from klima_controlling.formulas.rules import evaluate, names, parse
from klima_controlling.indicators.model import Indicator, compare, compute, similar
from klima_controlling.shipped.actions import shipped_indicators, shipped_targets
from klima_shared.codes.quality import Grade
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label


def indicator(formula: str | None, *, share: bool = False) -> Indicator:
    return Indicator(
        "X",
        1,
        Label("X", "X"),
        "%",
        "",
        IndicatorKind.OUTCOME,
        "all",
        Direction.HIGHER,
        formula,
        share=share,
    )


def test_formula_by_hand() -> None:
    assert evaluate("(a + 2 * b) / c - 1", {"a": 4.0, "b": 3.0, "c": 5.0}).value == 1.0
    assert names("a / (b + a)") == ["a", "b"]


@pytest.mark.parametrize("inputs", [{"a": 1.0}, {"a": 1.0, "b": None}])
def test_missing_divisor_is_unknown_and_named(inputs: dict[str, float | None]) -> None:
    found = evaluate("a / b", inputs)
    assert (found.value, found.missing) == (None, ("b",))


def test_division_by_zero_is_unknown() -> None:
    found = evaluate("a / (b - b)", {"a": 1.0, "b": 2.0})
    assert found.value is None
    assert found.reason is not None
    assert "null geteilt" in found.reason.de


@pytest.mark.parametrize(
    "bad",
    [
        "__import__('os')",
        "a.b",
        "a[0]",
        "a ** 9",
        "a if b else c",
        "'a'",
        "",
        "a +",
        "True + a",
        "(" * 300,
    ],
)
def test_nothing_but_arithmetic_is_read(bad: str) -> None:
    with pytest.raises(InputError):
        parse(bad)


def test_share_beyond_the_whole_is_unknown_but_coverage_may_exceed() -> None:
    assert compute(indicator("a", share=True), "r", "2021", {"a": 100.5}).value is None
    assert compute(indicator("a", share=True), "r", "2021", {"a": 100.0}).value == 100.0
    assert compute(indicator("a"), "r", "2021", {"a": 140.0}).value == 140.0


def test_quality_is_the_letter_beside_it() -> None:
    found = [
        compute(indicator("a"), "r", "2021", {"a": 1.0}, q).quality for q in (1.0, 0.5, 0.25, 0.0)
    ]
    assert found == [Grade.A, Grade.B, Grade.C, Grade.D]
    assert compute(indicator("a"), "r", "2021", {}, 0.5).quality is None, (
        "what is unknown has no quality"
    )


def test_mean_counts_only_known_values() -> None:
    sizes: dict[str, tuple[float | None, float | None]] = {
        k: (n, 10.0) for k, n in (("a", 1.0), ("b", 2.0), ("c", 9.0))
    }
    found = compare("a", {"a": 1.0, "b": None, "c": 3.0}, sizes, 2.5)
    assert (found.mean, found.counted, found.expected) == (2.0, 2, 3)
    assert found.similar == (("b", None), ("c", 3.0))


def test_similar_means_size_and_area() -> None:
    sizes: dict[str, tuple[float | None, float | None]] = {
        "me": (100.0, 50.0),
        "same": (101.0, 51.0),
        "far": (100.0, 500.0),
        "unknown": (None, 50.0),
    }
    assert similar("me", sizes) == ["same", "far"]


def test_twenty_two_indicators_and_the_headline_targets_are_shipped_with_sources() -> None:
    found = shipped_indicators()
    assert len(found) == len({i.code for i in found}) == 22
    assert all(i.source and i.unit for i in found)
    targets = {t.code: t for t in shipped_targets()}
    assert [(t.year, t.boundary.value) for t in targets.values() if t.headline] == [
        (2045, "territory"),
        (2030, "organisation"),
    ]
    assert all(t.source for t in targets.values())
    assert {targets["lippstadt-2040"].year, targets["soest-2030"].year} == {2040, 2030}
