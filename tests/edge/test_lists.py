"""What integrators are promised of all lists: one name for when something changed, and forms by
`Accept` as well as by `format`."""

from typing import Any, Final

from tests.edge.operations import Operation, Service, application, service
from tests.fixtures.tokens import TokenFactory

__all__ = ["application", "service"]
LONG_AGO: Final = "1999-01-01T00:00:00Z"
CSV: Final = "text/csv; charset=utf-8; header=present"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _query(operation: Operation) -> dict[str, dict[str, Any]]:
    parameters = operation.document.get("parameters", [])
    return {p["name"]: p for p in parameters if p["in"] == "query"}


def _required(query: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Values for the parameters that must be there: a year, or a region."""
    return {
        name: one["schema"].get("minimum", "05974000")
        for name, one in query.items()
        if one.get("required")
    }


async def test_query_and_field_say_changed(service: Service, token_factory: TokenFactory) -> None:
    """`changed_since` asks for what `changed_at` tells, and `modified_since` for the same."""
    checked, headers = 0, token_factory.headers("manager", region="05974")
    for operation in service.operations:
        query = _query(operation)
        if operation.method != "get" or "modified_since" not in query:
            continue
        for name in ("modified_since", "changed_since"):
            assert not query[name].get("deprecated"), operation
        required = _required(query)
        new, old, both = [
            await service.client.get(
                operation.path, params=required | dict.fromkeys(names, LONG_AGO), headers=headers
            )
            for names in (
                ["changed_since"],
                ["modified_since"],
                ["changed_since", "modified_since"],
            )
        ]
        assert new.status_code == old.status_code, operation
        if new.status_code in {401, 403, 404}:  # refused before the list was asked for
            continue
        assert "deprecation" not in old.headers, operation
        assert both.status_code == 422, operation
        assert both.json()["errors"][0]["pointer"] == "/query/modified_since"
        checked += new.status_code == 200
    assert checked > 1


async def test_accept_asks_for_a_form_wherever_format_does(
    service: Service, token_factory: TokenFactory
) -> None:
    checked, headers = 0, token_factory.headers("manager", region="05974")
    statuses = set()
    for operation in service.operations:
        if "format" not in _query(operation):
            continue
        for accept, form, media_type in (
            ("text/csv", "csv", CSV),
            ("text/html;q=0.1, text/csv;q=0.8, application/json;q=0.5", "csv", CSV),
            (XLSX, "xlsx", XLSX),
        ):
            by_accept = await service.client.get(
                operation.path, headers=headers | {"Accept": accept}
            )
            by_format = await service.client.get(
                operation.path, params={"format": form}, headers=headers
            )
            assert by_accept.status_code == by_format.status_code, operation
            statuses.add(by_format.status_code)
            if by_format.status_code == 200:
                assert by_accept.headers["content-type"] == media_type, operation
                assert by_format.headers["content-type"] == media_type, operation
                assert "Accept" in by_accept.headers["vary"], operation
                checked += 1
    assert checked > 1 or statuses == {503}  # controlling stands alone here


async def test_every_list_sends_the_fields_that_are_wanted(
    service: Service, token_factory: TokenFactory
) -> None:
    checked, headers = 0, token_factory.headers("manager", region="05974")
    for operation in service.operations:
        query = _query(operation)
        content = operation.document["responses"].get("200", {}).get("content", {})
        if operation.method != "get" or "application/json" not in content:
            continue
        if "limit" in query:
            assert "fields" in query, f"{operation}: a list without fields"
        if "fields" not in query:
            continue
        one, two = query["fields"]["example"].split(",")
        required = {
            n: query[n]["schema"].get("minimum", "05974") for n in query if query[n]["required"]
        }
        wrong = await service.client.get(
            operation.path, params=required | {"fields": f"{one},nmae"}, headers=headers
        )
        assert wrong.status_code == 422, f"{operation}: {wrong.status_code}"
        assert wrong.json()["errors"][0]["pointer"] == "/query/fields"
        assert one in wrong.json()["detail"], operation
        assert two in wrong.json()["detail"], operation
        whole = await service.client.get(operation.path, params=required, headers=headers)
        answer = await service.client.get(
            operation.path, params=required | {"fields": f"{two},{one}"}, headers=headers
        )
        assert answer.status_code == whole.status_code, operation
        if whole.status_code == 200:
            items = [{name: item[name] for name in (two, one)} for item in whole.json()["items"]]
            assert answer.json() == whole.json() | {"items": items}, operation
            assert answer.headers["content-type"] == "application/vnd.klimakreis.sparse+json"
            assert answer.headers["content-length"] == str(len(answer.content))
            checked += bool(items)
    assert checked > 0


async def test_an_order_that_is_none_is_told_the_possible(
    service: Service, token_factory: TokenFactory
) -> None:
    checked, headers = 0, token_factory.headers("manager", region="05974")
    for operation in service.operations:
        if "sort" not in _query(operation):
            continue
        required = _required(_query(operation))
        wrong = await service.client.get(
            operation.path, params=required | {"sort": "nmae"}, headers=headers
        )
        assert wrong.status_code == 422, operation
        assert wrong.json()["errors"][0]["pointer"] == "/query/sort"
        for name in _query(operation)["sort"]["schema"].get("enum", ["field", "-title"]):
            assert name.removeprefix("-") in wrong.json()["detail"]
            answer = await service.client.get(operation.path, params=required | {"sort": name})
            assert answer.status_code in {200, 404}, f"{operation} {name}: {answer.text}"
        checked += 1
    assert checked > 0
