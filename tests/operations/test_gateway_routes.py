"""Every path of every service's API document reaches its service through the one origin."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from klima_local import openapi
from klima_local.home import root
from klima_local.services import SERVICES

LINE = re.compile(r'^  ("~(?P<pattern>.*)"|default) (?P<service>[a-z]+);$', re.MULTILINE)
# Of the same path, one service is meant at the one origin; the other's stays reachable below its
# own name (/measures/...).
GIVEN_UP = {("measures", "/v1/measures/{measure_id}/evaluations")}
# Every service has these; at the one origin they are below the service's name, and health is for
# operators.
EVERYWHERE = {"/health/live", "/health/ready", "/catalog.ttl", "/catalog.jsonld"}
OPEN_DATA = re.compile(r"^/v1/(changes|datasets)(/|$)")


def rules() -> list[tuple[re.Pattern[str], str]]:
    text = (root() / "deploy" / "gateway" / "conf" / "routes.conf").read_text()
    found = [(match["pattern"], match["service"]) for match in LINE.finditer(text)]
    default = next(service for pattern, service in found if pattern is None)
    return [(re.compile(pattern), service) for pattern, service in found if pattern] + [
        (re.compile(""), default)
    ]


def route(path: str) -> str:
    return next(service for pattern, service in rules() if pattern.search(path))


@pytest.fixture(scope="module")
def documents() -> dict[str, list[str]]:
    return {
        service: list(json.loads(text)["paths"]) for service, text in openapi.documents().items()
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_path_reaches_its_service(documents: dict[str, list[str]], service: str) -> None:
    paths = [
        path for path in documents[service] if path not in EVERYWHERE and not OPEN_DATA.match(path)
    ]
    paths = [path for path in paths if (service, path) not in GIVEN_UP]
    assert len(paths) > 10
    wrong = {
        path: found
        for path in paths
        if (found := route(re.sub(r"\{[^}]+\}", "05974040", path))) != service
    }
    assert not wrong, f"deploy/gateway/conf/routes.conf leads these of {service} elsewhere: {wrong}"


def test_what_was_given_up_is_still_there(documents: dict[str, list[str]]) -> None:
    for service, path in GIVEN_UP:
        assert path in documents[service]
        assert any(path in documents[other] for other in SERVICES if other != service)


def test_the_rules_are_read_completely() -> None:
    text = (root() / "deploy" / "gateway" / "conf" / "routes.conf").read_text()
    assert len(rules()) == sum(line.startswith("  ") for line in text.splitlines())
    assert route("/v1/regions/05974040/balances/2021") == "balance"
    assert route("/v1/regions/05974040/status") == "controlling"
    assert route("/v1/measures/7/sheet.pdf") == "measures"
    assert route("/") == route("/regionen/05974") == route("/nirgends") == "controlling"


def test_every_service_is_told_the_address_it_has_at_the_one_origin() -> None:
    """Its catalogue names addresses below it; without the name, `/v1/changes` and `/catalog.ttl`
    would be another's."""
    compose = yaml.safe_load((root() / "docker-compose.yml").read_text())["services"]
    example = yaml.safe_load(
        (root() / "deploy" / "kubernetes" / "example" / "kustomization.yaml").read_text()
    )
    literals = dict(one.split("=", 1) for one in example["configMapGenerator"][0]["literals"])
    patched = {
        p["target"]["name"]: yaml.safe_load(p["patch"])[0]["value"]["value"]
        for p in example["patches"]
    }
    origin = compose["controlling"]["environment"]["KLIMA_PUBLIC_URL"]
    for service in ("balance", "measures"):
        own = f"KLIMA_{service.upper()}_PUBLIC_URL"
        assert compose[service]["environment"]["KLIMA_PUBLIC_URL"] == f"{origin}/{service}"
        assert compose["controlling"]["environment"][own] == f"{origin}/{service}"
        assert patched[service] == literals[own] == f"{literals['KLIMA_PUBLIC_URL']}/{service}"
