"""What does not belong to a request is refused by every operation of every service: parameters it
does not know, bodies of another kind, tokens that are not valid."""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from tests.edge.operations import Operation, Service, application, service
from tests.fixtures.tokens import TokenFactory

__all__ = ["application", "service"]

WITHOUT_IF_MATCH: Final = {
    "post /v1/organisations/{organisation_id}/balances/{year}/publish": "publishes the registers "
    "as they stand, nothing that was read",
    "post /v1/recalculations/{recalculation_id}/publish": "a recalculation never changes",
}
ROLES: Final = ("manager", "method", "service")


def _problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["detail"]
    return problem


def _query(operation: Operation) -> dict[str, dict[str, Any]]:
    parameters = operation.document.get("parameters", [])
    return {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}


def _body(operation: Operation) -> str | None:
    content = operation.document.get("requestBody", {}).get("content", {})
    return next(iter(content), None)


async def test_unknown_parameters_are_refused_with_the_known(service: Service) -> None:
    wrong = []
    for operation in service.operations:
        answer = await service.client.request(
            operation.method, operation.path, params={"yaer": "2021"}
        )
        errors = answer.json().get("errors", []) if answer.status_code == 422 else []
        told = next((e["detail"] for e in errors if e["pointer"] == "/query/yaer"), "")
        if not told or not all(name in told for name in _query(operation)):
            wrong.append(f"{operation}: {answer.status_code} {told}")
    assert wrong == [], "\n".join(wrong)


async def test_single_parameters_given_twice_are_refused(service: Service) -> None:
    wrong = []
    for operation in service.operations:
        for name, schema in _query(operation).items():
            answer = await service.client.request(
                operation.method, operation.path, params=[(name, "1"), (name, "2")]
            )
            several = schema.get("type") == "array"
            twice = answer.status_code == 422 and any(
                e["pointer"] == f"/query/{name}" and "nur einmal" in e["detail"]
                for e in answer.json()["errors"]
            )
            if twice is several:
                wrong.append(f"{operation} {name}: {answer.status_code}")
    assert wrong == [], "\n".join(wrong)


async def test_a_bad_token_is_refused_everywhere(
    service: Service, token_factory: TokenFactory
) -> None:
    bad = ["Bearer no.good.token", "Bearer", "Basic dXNlcjpwYXNz"]
    bad += [f"Bearer {token}" for token in token_factory.refused("manager").values()]
    wrong = []
    for operation in service.operations:
        for value in bad if operation is service.operations[0] else bad[:1]:
            answer = await service.client.request(
                operation.method, operation.path, headers={"Authorization": value}
            )
            if answer.status_code != 401 or "www-authenticate" not in answer.headers:
                wrong.append(f"{operation}: {answer.status_code} for {value[:30]}")
        documented = operation.document["responses"]
        if "401" not in documented and not operation.template.startswith("/health"):
            wrong.append(f"{operation}: 401 is not documented")
    assert wrong == [], "\n".join(wrong)


def _other_types(media_type: str) -> Iterator[str | None]:
    yield None
    yield "text/plain"
    yield "application/xml"
    if media_type == "application/json":
        yield from ("multipart/form-data; boundary=x", "application/json; charset=utf-16")
        yield from ("application/json; charset=iso-8859-1", "text/json")
    else:
        yield "application/json"


async def test_bodies_of_another_kind_are_refused(
    service: Service, token_factory: TokenFactory
) -> None:
    headers = token_factory.headers(*ROLES) | {"If-Match": '"x-1"'}
    wrong, checked = [], 0
    for operation in service.operations:
        media_type = _body(operation)
        if media_type is None:
            continue
        for given in _other_types(media_type):
            sent = headers | ({"Content-Type": given} if given else {})
            answer = await service.client.request(
                operation.method, operation.path, headers=sent, content=b'{"a": 1}'
            )
            checked += 1
            if answer.status_code != 415:
                wrong.append(f"{operation} as {given}: {answer.status_code} {answer.text[:100]}")
            else:
                _problem(answer)
        if "415" not in operation.document["responses"]:
            wrong.append(f"{operation}: 415 is not documented")
    assert wrong == [], "\n".join(wrong)
    assert checked > 20


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
async def test_other_encodings_are_refused_with_a_reason(
    service: Service, token_factory: TokenFactory, encoding: str
) -> None:
    headers = token_factory.headers(*ROLES) | {
        "If-Match": '"x-1"',
        "Content-Type": "application/json",
    }
    wrong = []
    for operation in service.operations:
        if _body(operation) != "application/json":
            continue
        answer = await service.client.request(
            operation.method,
            operation.path,
            headers=headers,
            content='{"titel": "Wärme"}'.encode(encoding),
        )
        if answer.status_code != 415 or "UTF-8" not in _problem(answer)["detail"]:
            wrong.append(f"{operation}: {answer.status_code} {answer.text[:200]}")
    assert wrong == [], "\n".join(wrong)


async def test_json_of_other_kinds_is_read(service: Service, token_factory: TokenFactory) -> None:
    """`+json`, and what says that it is in UTF-8, is not refused as another kind."""
    headers = token_factory.headers(*ROLES) | {"If-Match": '"x-1"'}
    for operation in service.operations:
        if _body(operation) == "application/json":
            for kind in ("application/merge-patch+json", 'application/json; charset="UTF-8"'):
                answer = await service.client.request(
                    operation.method,
                    operation.path,
                    headers=headers | {"Content-Type": kind},
                    content=b'{"no such field": 1}',
                )
                assert answer.status_code != 415, f"{operation}: {answer.text}"


async def test_a_change_without_if_match_is_428(
    service: Service, token_factory: TokenFactory
) -> None:
    """Wherever the document says that it is required."""
    headers, wrong, checked = token_factory.headers(*ROLES), [], 0
    for operation in service.operations:
        parameters = operation.document.get("parameters", [])
        if not any(p["name"] == "If-Match" and p["required"] for p in parameters):
            continue
        checked += 1
        content = {"json": {}} if _body(operation) == "application/json" else {}
        answer = await service.client.request(
            operation.method, operation.path, headers=headers, **content
        )
        if answer.status_code != 428:
            wrong.append(f"{operation}: {answer.status_code} {answer.text[:200]}")
    assert wrong == [], "\n".join(wrong)
    assert checked > 2


async def test_every_write_to_what_exists_wants_if_match(service: Service) -> None:
    """PUT, PATCH, DELETE, and what publishes: or it is listed with the reason."""
    without = {
        str(operation)
        for operation in service.operations
        if (operation.method in {"put", "patch", "delete"} or operation.path.endswith("/publish"))
        and not any(p["name"] == "If-Match" for p in operation.document.get("parameters", []))
    }
    assert without <= set(WITHOUT_IF_MATCH), without - set(WITHOUT_IF_MATCH)
