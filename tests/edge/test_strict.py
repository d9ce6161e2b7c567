"""All operations of all services: what does not belong there is refused, kindly."""

from tests.edge.operations import METHODS, Service, application, service

__all__ = ["application", "service"]


async def test_other_methods_are_refused_with_all_that_are_offered(service: Service) -> None:
    wrong = []
    for path in {operation.path for operation in service.operations}:
        answer = await service.client.request("TRACE", path)
        allowed = set(answer.headers.get("allow", "").split(", "))
        offered = {o.method.upper() for o in service.operations if o.path == path}
        if answer.status_code != 405 or not offered <= allowed or not answer.json()["detail"]:
            wrong.append(f"{path}: {answer.status_code} {allowed}")
        if "GET" in offered and "HEAD" not in allowed:
            wrong.append(f"{path}: {allowed}")
    assert wrong == []


async def test_an_address_written_out_has_no_methods_of_a_template(service: Service) -> None:
    """`PUT /v1/kick-offs/report` is no `PUT /v1/kick-offs/{entry_id}`."""
    plain = {o.template for o in service.operations if "{" not in o.template}
    wrong = []
    for path in plain:
        offered = {o.method.upper() for o in service.operations if o.template == path}
        for method in {m.upper() for m in METHODS} - offered:
            answer = await service.client.request(method, path, json={})
            if answer.status_code != 405:
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


async def test_a_304_says_what_the_200_said(service: Service) -> None:
    checked = 0
    for operation in service.operations:
        if operation.method != "get" or operation.template.startswith("/health"):
            continue
        whole = await service.client.get(operation.path)
        if whole.status_code != 200 or "etag" not in whole.headers:
            continue
        lines = [("If-None-Match", '"other"'), ("If-None-Match", "W/" + whole.headers["etag"])]
        again = await service.client.get(operation.path, headers=lines)
        assert again.status_code == 304, operation
        for name in ("etag", "cache-control", "vary"):
            assert again.headers.get(name) == whole.headers[name], (operation, name)
        checked += 1
    assert checked > 3
