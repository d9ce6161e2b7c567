"""No text, however it is made, makes a regular expression of ours take more than its length."""

from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.edge.pumping import LONG, Use, uses, worst

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = [*ROOT.glob("shared/src/klima_*"), *ROOT.glob("services/*/src/klima_*")]
USES: Final = [use for package in sorted(PACKAGES) for use in uses(package)]


def bound(size: int) -> float:
    """Seconds of the processor for a text of this length; a text of 100 kB may take 0.25 s."""
    return 0.03 + 0.22 * size / LONG


def test_all_packages_are_looked_through() -> None:
    packages = Counter(use.place.split(".")[0] for use in USES)
    assert set(packages) == {"klima_balance", "klima_controlling", "klima_measures", "klima_shared"}


@pytest.mark.parametrize("expression", [r"(a+)+$", r"<\s*[/!?]?\s*[a-z]", r"[\w.+-]+@\w", r"a.*b"])
def test_an_expression_that_takes_too_long_is_found(expression: str) -> None:
    import re

    assert worst(Use("here", re.compile(expression), "search"), bound) is not None


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.place}-{use.function}")
def test_regular_expressions_are_linear(use: Use) -> None:
    assert worst(use, bound) is None, use.expression.pattern
