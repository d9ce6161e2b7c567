"""Whatever JSON is sent to a route: what nobody can store or write again is refused with its
place."""

import json
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from klima_shared.http.json_bodies import check_json_body
from klima_shared.http.problems import install_handlers


@pytest.fixture
async def client():
    app = FastAPI(dependencies=[Depends(check_json_body)])
    install_handlers(app)

    @app.post("/v1/things")
    async def create_thing(body: dict[str, Any]) -> dict[str, Any]:
        return body

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


async def send(client, body: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return await client.post("/v1/things", content=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a": {"b": [1, 9223372036854775808]}}', "/body/a/b/1"),
        (b'{"a": -9223372036854775809}', "/body/a"),
        (b'{"a": ' + b"9" * 4000 + b"}", "/body/a"),
        (b'{"a": NaN}', "/body/a"),
        (b'{"a": -Infinity}', "/body/a"),
        (b'{"a": 1e999}', "/body/a"),
        (b'{"a": "\\ud800"}', "/body/a"),
        (b'{"a": {"\\udfff": 1}}', "/body/a"),
        (b'{"a": ["x", "\\u0000"]}', "/body/a/1"),
        (b'{"a": {"\\u202e": 1}}', "/body/a"),
        (b'{"a": 1, "a": 2}', "/body"),
        (b'{"a/b": {"c~": 1, "c~": 2}}', "/body/a~1b"),
        (b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}", "/body/a" + "/0" * 39),
        (b'{"a": "' + b"x" * 50_000 + b'", "b": 1e999}', "/body/b"),
    ],
)
async def test_what_cannot_be_stored_is_refused_with_its_place(client, body, pointer):
    answer = await send(client, body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("depth", [1_000, 100_000, 500_000])
async def test_no_depth_is_too_deep_to_be_refused(client, depth):
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        answer = await send(client, opening * depth + b"1" + closing * depth)
        assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "value",
    [9223372036854775807, -9223372036854775808, 1e308, "🦊", "a\n\tb", [[[[[[1]]]]]], {"": None}],
)
async def test_what_can_be_stored_passes(client, value):
    body = {"a": value}
    answer = await send(client, json.dumps(body).encode())
    assert (answer.status_code, answer.json()) == (200, body)
