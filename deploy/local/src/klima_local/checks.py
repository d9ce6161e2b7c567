"""`./klima test`: format, rules, types, imports, API documents, then the tests; one summary at the
end."""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from klima_local import openapi, processes
from klima_local.home import root
from klima_local.processes import CommandError

HEAVY = ("national", "browser", "container", "fuzz", "launcher")
TYPED = ("shared", "services", "deploy/local", "benchmarks", "docs", "tests", "conftest.py")


@dataclass
class Outcome:
    """How a check ended, and what it said if it did not end well."""

    name: str
    passed: bool
    seconds: float
    said: str = ""


def _program(name: str, *arguments: str) -> tuple[bool, str]:
    result = processes.run([str(Path(sys.executable).with_name(name)), *arguments], cwd=root())
    return result.returncode == 0, result.stdout + result.stderr


def _documents() -> tuple[bool, str]:
    try:
        found = openapi.differences()
    except CommandError as error:
        return False, str(error)
    return not found, f"{found}\n./klima openapi writes them anew." if found else ""


def static_checks() -> dict[str, Callable[[], tuple[bool, str]]]:
    """The checks that run nothing of the program, by name."""
    typed = [name for name in TYPED if (root() / name).exists()]
    return {
        "ruff check": lambda: _program("ruff", "check", "--quiet", ".", "klima"),
        "ruff format": lambda: _program("ruff", "format", "--check", "--quiet", ".", "klima"),
        "mypy": lambda: _program("mypy", *typed),
        "imports": lambda: _program("lint-imports"),
        "openapi.json": _documents,
    }


def run(arguments: Sequence[str] = (), *, heavy: bool = False, checks: bool = True) -> int:
    """Run all of it, or with `heavy` the marked tests alone; the exit status. Nothing stops at the
    first fault."""
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    outcomes = []
    for name, check in static_checks().items() if checks and not heavy else ():
        start = time.monotonic()
        passed, said = check()
        outcomes.append(Outcome(name, passed, time.monotonic() - start, said))
        _show(console, outcomes[-1])
    everyday = " and ".join(f"not {marker}" for marker in HEAVY)
    chosen = " or ".join(HEAVY) if heavy else everyday
    workers = [] if heavy or _names_workers(arguments) else ["-n", "2"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        pytest = [sys.executable, "-m", "pytest", *workers, "-m", chosen]
        command = [*pytest, f"--junitxml={report}", *arguments]
        status = subprocess.run(
            command, cwd=root(), env={**os.environ, "COLUMNS": "120"}, check=False
        ).returncode
        counts = _counts(report)
    faults = [outcome for outcome in outcomes if not outcome.passed]
    _summary(console, outcomes, counts, status, time.monotonic() - began)
    return 1 if faults or status != 0 else 0


def _names_workers(arguments: Sequence[str]) -> bool:
    return any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments)


def _show(console: Console, outcome: Outcome) -> None:
    mark = "[green]passed[/green]" if outcome.passed else "[red]FAILED[/red]"
    console.print(f"{outcome.name:<14} {mark} {outcome.seconds:6.1f} s")
    if not outcome.passed:
        console.print(outcome.said.rstrip(), markup=False)


def _counts(report: Path) -> dict[str, int]:
    """Tests by how they ended, from pytest's own report."""
    try:
        # written by our own pytest
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))  # noqa: S314
    except (OSError, ElementTree.ParseError):
        return {}
    total = {
        key: sum(int(suite.get(key, 0)) for suite in suites)
        for key in ("tests", "failures", "errors", "skipped")
    }
    bad = total["failures"] + total["errors"]
    return {
        "failed": bad,
        "passed": total["tests"] - bad - total["skipped"],
        "skipped": total["skipped"],
    }


def _summary(
    console: Console,
    outcomes: Sequence[Outcome],
    counts: dict[str, int],
    status: int,
    seconds: float,
) -> None:
    """One line like pytest's, in which a failed check counts as a failed test; what failed is named
    above it."""
    faults = [outcome.name for outcome in outcomes if not outcome.passed]
    for name in faults:
        console.print(f"[red]FAILED[/red] {name}")
    total = {
        "failed": counts.get("failed", 0) + len(faults),
        **{k: v for k, v in counts.items() if k != "failed"},
    }
    total["passed"] = total.get("passed", 0) + len(outcomes) - len(faults)
    if status not in (0, 1, 5) or not counts:
        console.print(f"[red]FAILED[/red] pytest itself (status {status})")
        total["failed"] += 1
    parts = [f"{total[key]} {key}" for key in ("failed", "passed", "skipped") if total.get(key)]
    console.print(
        f"{', '.join(parts) or 'no tests ran'} in {seconds:.2f}s",
        style="red" if total["failed"] else "green",
    )
