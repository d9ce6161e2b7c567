"""The API changelog tells what the committed OpenAPI documents offer, no more and no less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from klima_local.openapi import completed, missing, recorded_operations

ROOT = Path(__file__).parents[2]
LOG = ROOT / "docs" / "api-changelog.md"


def test_changelog_tells_what_the_documents_offer():
    paths = {
        service: ROOT / "services" / service / "openapi.json"
        for service in ("balance", "measures", "controlling")
    }
    absent = [service for service, path in paths.items() if not path.exists()]
    if absent:
        pytest.skip(f"no committed openapi.json of {', '.join(absent)}: ./klima openapi writes it")
    documents = {
        service: json.loads(path.read_text(encoding="utf-8")) for service, path in paths.items()
    }
    assert missing(LOG.read_text(encoding="utf-8"), documents) == [], (
        "./klima openapi adds the lines"
    )


def test_what_comes_and_goes_gets_its_line():
    one = {"balance": {"paths": {"/v1/a": {"get": {}}, "/v1/b": {"get": {}, "post": {}}}}}
    first = completed("# Changes\n\n## Unreleased\n", one)
    assert recorded_operations(first) == {
        ("balance", "GET /v1/a"),
        ("balance", "GET /v1/b"),
        ("balance", "POST /v1/b"),
    }
    released = first.replace("## Unreleased", "## 0.1.0")
    two = {"balance": {"paths": {"/v1/b": {"get": {}}, "/v1/c": {"get": {}}}}}
    second = completed(released, two)
    assert "- added `balance` `GET /v1/c`" in second
    assert "- removed `balance` `GET /v1/a`" in second
    assert second.index("Unreleased") < second.index("0.1.0")
    assert missing(second, two) == []
    assert completed(second, two) == second
