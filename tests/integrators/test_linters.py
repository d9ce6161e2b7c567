"""Spectral and Redocly find nothing in the API documents but what stands here with a reason."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from klima_local.services import SERVICES
from tests.integrators.tools import npm_program

pytestmark = pytest.mark.fuzz
ROOT = Path(__file__).parents[2]
# Linter, rule, place (a pattern), and why it stays.
EXCEPTIONS = (
    (
        "redocly",
        "operation-4xx-response",
        "#/paths/~1health~1(live|ready)/get/responses",
        "a probe asks for nothing, so nothing in it can be wrong",
    ),
    (
        "spectral",
        "oas3-valid-(schema|media)-example",
        "#/(paths/.*/examples/sheet/value|components/schemas/Content/properties)/example",
        "a field that is called `example`; Spectral takes it for the example of a schema",
    ),
)


def accepted(linter: str, rule: str, place: str) -> bool:
    return any(
        linter == one[0] and re.fullmatch(one[1], rule) and re.fullmatch(one[2], place)
        for one in EXCEPTIONS
    )


def spectral(document: Path, folder: Path) -> list[tuple[str, str]]:
    rules = folder / "spectral.yaml"
    rules.write_text('extends: ["spectral:oas"]\n')
    line = [npm_program("spectral"), "lint", "-r", rules, "-f", "json", "-q", document]
    found = subprocess.run(line, capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    text = found.stdout.strip()
    problems = json.loads(text) if text.startswith("[") and text != "[]" else []
    escaped = ([str(part).replace("/", "~1") for part in one["path"]] for one in problems)
    places = ("/".join(["#", *path]) for path in escaped)
    return [(one["code"], place) for one, place in zip(problems, places, strict=True)]


def redocly(document: Path, folder: Path) -> list[tuple[str, str]]:
    line = [npm_program("redocly"), "lint", "--format", "json", "--max-problems", "2000", document]
    found = subprocess.run(
        line,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "REDOCLY_TELEMETRY": "off"},
    )
    assert found.stdout.startswith("{"), found.stderr
    problems = json.loads(found.stdout)["problems"]
    return [(one["ruleId"], one["location"][0]["pointer"]) for one in problems]


@pytest.mark.parametrize("linter", [spectral, redocly])
@pytest.mark.parametrize("service", SERVICES)
def test_linters_find_nothing(linter, service: str, tmp_path: Path):
    document = ROOT / "services" / service / "openapi.json"
    found = linter(document, tmp_path)
    assert [one for one in found if not accepted(linter.__name__, *one)] == []


def test_linters_can_find_something(tmp_path: Path):
    document = json.loads((ROOT / "services" / "balance" / "openapi.json").read_text())
    del document["tags"], document["servers"]
    broken = tmp_path / "openapi.json"
    broken.write_text(json.dumps(document))
    assert {rule for rule, _ in spectral(broken, tmp_path)} >= {"operation-tag-defined"}
    assert {rule for rule, _ in redocly(broken, tmp_path)} >= {"no-empty-servers"}
