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


async def test_query_and_field_say_changed(service: Service, token_factory: TokenFactory) -> None:
    """`changed_since` asks for what `changed_at` tells. The former name goes on, and says so."""
    checked, headers = 0, token_factory.headers("manager", region="05974")
    for operation in service.operations:
        query = _query(operation)
        if operation.method != "get" or "modified_since" not in query:
            continue
        assert query["modified_since"]["deprecated"], operation
        assert not query["changed_since"].get("deprecated"), operation
        required = {
            name: query[name]["schema"].get("minimum", "05974000")
            for name in query
            if query[name].get("required")
        }
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
        said = ["deprecation" in answer.headers for answer in (new, old)]
        assert said == [False, True], f"{operation}: {old.status_code}"
        assert "sunset" in old.headers
        assert 'rel="deprecation"' in old.headers["link"]
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
