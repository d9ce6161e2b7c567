"""Who may do what: every operation of every service with every kind of caller, against the rules of
`needs.toml`."""

import re
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory
from tests.rights.bodies import MEASURES
from tests.rights.planted import (
    COUNTY,
    LIPPSTADT,
    NOTHING,
    SOEST,
    Operation,
    World,
    documented_operations,
    model_of,
    opened,
    operations,
)

pytestmark = pytest.mark.fuzz
RULES: Final = tomllib.loads((Path(__file__).parent / "needs.toml").read_text())["rules"]
SERVICES: Final = ("balance", "controlling", "measures")
ROLES: Final = {
    "viewer": {"viewer"},
    "editor": {"viewer", "editor"},
    "manager": {"viewer", "editor", "manager"},
    "method": {"method"},
    "service": {"service"},
}
"""What a role allows, those it implies too."""
_IN_PATH: Final = {
    "ags": SOEST,
    "year": "2021",
    "form": "csv",
    "revision": "1",
    "reference": "KI-0000-0000",
    "organisation": "konzern-kreis-soest",
    "code": "THG_EW_gesamt",
    "dataset": "nothing",
    "key": "nothing",
    "network": "nothing",
    "factor_set": "nothing",
    "scenario_id": NOTHING,
}


def rule_of(service: str, operation: Operation) -> int:
    """The first rule that fits."""
    path = operation.template.removeprefix("/v1")
    return next(
        number
        for number, rule in enumerate(RULES)
        if service in rule.get("services", SERVICES)
        and re.fullmatch(rule["methods"], operation.method)
        and re.fullmatch(rule["paths"], path)
    )


def need_of(service: str, operation: Operation) -> str:
    return str(RULES[rule_of(service, operation)]["need"])


def test_every_rule_decides_something() -> None:
    used = {
        rule_of(name, operation) for name in SERVICES for operation in documented_operations(name)
    }
    assert used == set(range(len(RULES)))
    assert all(rule["because"] for rule in RULES)


@pytest.fixture(params=SERVICES)
async def service(
    request: pytest.FixtureRequest, service_database: DatabaseFactory, token_factory: TokenFactory
) -> AsyncIterator[tuple[str, World]]:
    """A service without data, by its name."""
    name, database = request.param, service_database(request.param)
    async with opened(name, database, token_factory) as world:
        yield name, world


def _filled(template: str) -> str:
    path = template
    for part in template.replace(".", "/").split("/"):
        if part.startswith("{"):
            path = path.replace(part, _IN_PATH.get(part[1:-1], NOTHING))
    return path


async def test_roles(service: tuple[str, World]) -> None:
    """Nobody gets 401 where a login is needed; a login without the role 403; with it neither."""
    name, world = service
    offered = operations(world.app)
    wrong = []
    for operation in offered:
        need, path = need_of(name, operation), _filled(operation.template)
        callers: dict[str, set[str]] = {"nobody": set(), **ROLES}
        for role, allows in callers.items():
            headers = {} if role == "nobody" else world.as_(role, COUNTY)
            status = (await world.send(operation, path, headers, {})).status_code
            if need == "public" or need in allows:
                right = status not in {401, 403} and (status < 500 or status == 503)
            else:
                right = status == (401 if role == "nobody" else 403)
            if not right:
                wrong.append(f"{role} {operation} needs {need}: {status}")
    assert wrong == []


def _named(operation: Operation, world: World) -> Any:
    body = MEASURES.get(operation.name)
    return body(SOEST, world.foreign) if body else None


async def test_writes_in_regions(measures: World) -> None:
    """Every write of measures on drafts of Soest, by the roles of Soest, Lippstadt and the county.
    An old version (412) is told only to who may write."""
    wrong, walked = [], 0
    for operation in operations(measures.app):
        need = need_of("measures", operation)
        if not operation.writes or need not in {"editor", "manager"}:
            continue
        path = operation.at(measures.foreign)
        for region in (LIPPSTADT, SOEST, COUNTY):
            for role in ("viewer", "editor", "manager"):
                headers = measures.as_(role, region) | {"If-Match": '"old"'}
                answer = await measures.send(operation, path, headers, _named(operation, measures))
                walked += 1
                if need not in ROLES[role]:
                    right = answer.status_code == 403
                elif region == LIPPSTADT and operation.parameters:
                    right = answer.status_code == 404
                elif region == LIPPSTADT and operation.name not in _OF_NO_REGION:
                    right = answer.status_code in {403, 422}
                else:
                    right = answer.status_code in {200, 201, 202, 409, 412, 422} or (
                        operation.name in _NOT_MADE_YET and answer.status_code == 404
                    )
                if not right:
                    wrong.append(f"{role} of {region} {operation}: {answer.status_code}")
    assert wrong == []
    assert walked > 500


# A planned workshop has no package.
_NOT_MADE_YET: Final = {"deliver_package", "acknowledge_package"}
# Nothing of their requests belongs to a region here: an empty file, the public catalogue.
_OF_NO_REGION: Final = {"import_ideas", "import_measures", "create_catalogue"}
# The text of an accepted idea is everybody's, and its number.
_PUBLIC: Final = {"accepted_idea"}


async def test_publishing_is_a_managers(measures: World) -> None:
    """An editor writes data; whether the public sees it decides a manager."""
    wrong, walked = [], 0
    for operation in operations(measures.app):
        if not operation.name.startswith("create_") or operation.name not in MEASURES:
            continue
        fields = model_of(measures.app, operation).model_fields
        if "published" not in fields:
            continue
        body = {**MEASURES[operation.name](LIPPSTADT, measures.own), "published": True}
        body |= {name: True for name in ("consent_to_publish",) if name in fields}
        walked += 1
        for role, expected in (("editor", 403), ("manager", 201)):
            answer = await measures.send(
                operation, operation.template, measures.as_(role, LIPPSTADT), body
            )
            if answer.status_code != expected:
                wrong.append(f"{role} {operation}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []
    assert walked > 6


async def test_reads_in_regions(measures: World) -> None:
    """Nothing that is read by nobody or by Lippstadt names a draft of Soest; its own viewers see
    it."""
    drafts = {i for kind, i in measures.foreign.items() if kind not in _PUBLIC}
    told, seen = [], set[str]()
    for operation in operations(measures.app):
        if operation.writes or operation.template.startswith("/health"):
            continue
        path = operation.at(measures.foreign).replace("{ags}", SOEST)
        if "{" in path or operation.name == "get_idea_state":
            continue
        for headers in ({}, measures.as_("manager", LIPPSTADT)):
            answer = await measures.client.get(path, headers=headers)
            named = [one for one in drafts if one in answer.text and one not in path]
            if named or (operation.parameters and answer.status_code == 200):
                told.append(f"{headers and LIPPSTADT} {operation}: {answer.text[:200]}")
        answer = await measures.client.get(path, headers=measures.as_("viewer", SOEST))
        seen |= {identity for identity in drafts if identity in answer.text}
    # a list of nothing is what a measure has that is not there
    assert [line for line in told if "/v1/measures/{measure}/ideas" not in line] == []
    assert seen == drafts
