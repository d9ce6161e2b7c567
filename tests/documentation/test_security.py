"""The security checklist: every point of the first two levels of the standard, once, with a test
where it says that one shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [row for row in PAGE.splitlines() if re.match(r"\| \d", row)]
# OWASP ASVS 4.0.3, levels 1 and 2: the last number of each section, without those of level 3 or
# withdrawn.
SECTIONS = {
    "1.1": 7,
    "1.2": 4,
    "1.4": 5,
    "1.5": 4,
    "1.6": 4,
    "1.7": 2,
    "1.8": 2,
    "1.9": 2,
    "1.10": 1,
    "1.11": 2,
    "1.12": 2,
    "1.14": 6,
    "2.1": 12,
    "2.2": 3,
    "2.3": 3,
    "2.4": 5,
    "2.5": 7,
    "2.6": 3,
    "2.7": 6,
    "2.8": 7,
    "2.9": 3,
    "2.10": 4,
    "3.1": 1,
    "3.2": 4,
    "3.3": 4,
    "3.4": 5,
    "3.5": 3,
    "3.7": 1,
    "4.1": 5,
    "4.2": 2,
    "4.3": 3,
    "5.1": 5,
    "5.2": 8,
    "5.3": 10,
    "5.4": 3,
    "5.5": 4,
    "6.1": 3,
    "6.2": 6,
    "6.3": 2,
    "6.4": 2,
    "7.1": 4,
    "7.2": 2,
    "7.3": 4,
    "7.4": 3,
    "8.1": 4,
    "8.2": 3,
    "8.3": 8,
    "9.1": 3,
    "9.2": 4,
    "10.2": 2,
    "10.3": 3,
    "11.1": 8,
    "12.1": 3,
    "12.2": 1,
    "12.3": 6,
    "12.4": 2,
    "12.5": 2,
    "12.6": 1,
    "13.1": 5,
    "13.2": 6,
    "13.3": 2,
    "13.4": 2,
    "14.1": 4,
    "14.2": 6,
    "14.3": 3,
    "14.4": 7,
    "14.5": 4,
}
LEFT_OUT = {"1.4.2", "1.4.3", "1.12.1", "4.1.4", "7.3.2", "13.1.2", "13.2.4", "14.3.1"}


def test_no_point_is_left_out_or_named_twice() -> None:
    wanted = {f"{section}.{n}" for section, last in SECTIONS.items() for n in range(1, last + 1)}
    found = [number for row in ROWS for number in re.findall(r"\d+\.\d+\.\d+", row.split("|")[1])]
    assert sorted(found) == sorted(wanted - LEFT_OUT)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip().split(",")[0])
def test_a_row_says_how_it_stands(row: str) -> None:
    *_, state, shown, _ = (cell.strip() for cell in row.split("|"))
    assert state in {"held", "built", "operator", "none", "**open**"}
    assert shown
    for path in re.findall(r"`([\w./-]+\.(?:py|md))`", shown):
        assert (ROOT / path).is_file(), path
    if state == "held":
        assert "test" in shown or "ruff" in shown, row
