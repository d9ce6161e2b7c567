"""What `./klima test` and `./klima bench` conclude from what they run."""

import io
import math
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import figures
from klima_local import bench, checks
from klima_local.stack import digest


def summary(outcomes: list[checks.Outcome], counts: dict[str, int], status: int) -> str:
    console = Console(record=True, width=100, file=io.StringIO(), highlight=False)
    checks._summary(console, outcomes, counts, status, 1.5)
    return console.export_text().splitlines()[-1]


GOOD, BAD = checks.Outcome("mypy", True, 1), checks.Outcome("imports", False, 1)


def test_the_last_line_reads_like_pytests() -> None:
    assert (
        summary([GOOD], {"failed": 0, "passed": 10, "skipped": 2}, 0)
        == "11 passed, 2 skipped in 1.50s"
    )


def test_a_failed_check_is_a_failure() -> None:
    assert (
        summary([GOOD, BAD], {"failed": 0, "passed": 10, "skipped": 0}, 0)
        == "1 failed, 11 passed in 1.50s"
    )


def test_a_run_that_broke_off_is_a_failure() -> None:
    assert summary([GOOD], {}, 3).startswith("1 failed")


def test_pytests_report_is_read(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="9" failures="1" errors="2" skipped="3"/></testsuites>'
    )
    assert checks._counts(report) == {"failed": 3, "passed": 3, "skipped": 3}
    assert checks._counts(tmp_path / "missing.xml") == {}


@pytest.mark.parametrize(
    ("row", "passed"),
    [
        ({"value": 0.5, "at_most": 0.5}, True),
        ({"value": 0.51, "at_most": 0.5}, False),
        ({"value": 100, "at_least": 100}, True),
        ({"value": 99, "at_least": 100}, False),
        ({"value": math.nan, "at_most": 0.5}, False),
        ({"value": -math.inf, "at_most": 0.5}, False),
        ({"value": 7}, True),
    ],
)
def test_a_benchmark_is_held_to_its_limits(row: figures.Figure, passed: bool) -> None:
    result = figures.Result("x", {"figure": row, "other": {"value": 1}})
    assert result.passed is passed
    assert result.as_json()["passed"] is passed
    (line, _) = result.rows()
    assert ("FAILED" in line) is not passed


def test_an_unknown_benchmark_is_named() -> None:
    with pytest.raises(bench.BenchError, match="nothing-of-that-name"):
        bench.run(["nothing-of-that-name"])


def test_every_benchmark_is_found() -> None:
    assert set(bench.discover()) == {
        "dashboard",
        "embeds",
        "ideas",
        "imports",
        "measures",
        "national",
        "publish",
        "report",
        "scenarios",
    }


def test_the_digest_sees_content_names_and_words(tmp_path: Path) -> None:
    def now(*words: str) -> str:
        return digest([tmp_path], words)

    (tmp_path / "a.csv").write_text("1")
    seen = {now(), now("2021")}
    (tmp_path / "a.csv").write_text("2")
    seen.add(now())
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    seen.add(now())
    assert len(seen) == 4
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("3")
    assert now() in seen
