"""Wrong requests: a problem that names the place and what was expected; nothing leaks."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest

SOEST = "/v1/regions/05974040"


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) >= {"type", "title", "status", "detail", "instance", "errors"}
    assert body["status"] == status
    assert "Traceback" not in response.text
    assert "klima_" not in response.text
    return body


@pytest.mark.parametrize(
    ("path", "status", "pointer"),
    [
        ("/v1/regions/5974040", 422, "/path/ags"),
        ("/v1/regions/05999999", 404, None),
        ("/v1/regions/abc", 422, "/path/ags"),
        (SOEST + "/balances/1989", 422, "/path/year"),
        (SOEST + "/balances/2101", 422, "/path/year"),
        (SOEST + "/balances/20x1", 422, "/path/year"),
        (SOEST + "/balances/2019", 404, None),
        (SOEST + "/balances/2021?version=7", 404, None),
        (SOEST + "/balances/2021?version=0", 422, "/query/version"),
        (SOEST + "/balances/2021?as_of=yesterday", 422, "/query/as_of"),
        (SOEST + "/balances/2021?format=pdf", 422, "/query/format"),
        (SOEST + "/balances/2021/explain?sector=houses", 422, "/query/sector"),
        (SOEST + "/balances/2021/explain?sector=households&block=land_use", 422, "/query/block"),
        (SOEST + "/balances/2021/explain?sector=households&carrier=hydrogen", 404, None),
        (SOEST + "/timeseries?metric=joy", 422, "/query/metric"),
        ("/v1/comparisons?regions=05974040,4711&year=2021", 422, "/query/regions/1"),
        ("/v1/comparisons?regions=05974040", 422, "/query/year"),
        ("/v1/balances/not-a-uuid", 422, "/path/balance_id"),
        ("/v1/nothing", 404, None),
    ],
)
async def test_the_place_is_named(
    reader: httpx.AsyncClient, path: str, status: int, pointer: str | None
):
    body = problem(await reader.get(path), status)
    if pointer:
        assert body["errors"][0]["pointer"] == pointer
        assert body["errors"][0]["detail"]
    else:
        assert body["detail"] or body["title"]


async def test_methods_that_are_not_offered(reader: httpx.AsyncClient):
    response = await reader.delete(SOEST)
    problem(response, 405)
    assert "GET" in response.headers["allow"]


async def test_messages_in_english(reader: httpx.AsyncClient):
    body = problem(await reader.get("/v1/regions/5974040", headers={"Accept-Language": "en"}), 422)
    assert "leading zero" in body["detail"]


GOOD: Final = {
    "quantity": 1000.0,
    "unit": "MWh",
    "status": "measured",
    "grade": "A",
    "source": "Stadtwerk (Beispiel)",
}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"quantity": -1.0}, "/body/quantity"),
        ({"quantity": "12"}, "/body/quantity"),
        ({"unit": "parsec"}, "/body/unit"),
        ({"status": "guessed"}, "/body/status"),
        ({"grade": "E"}, "/body/grade"),
        ({"source": ""}, "/body/source"),
        ({"colour": "red"}, "/body/colour"),
        ({"status": "confirmed_zero"}, "/body/quantity"),
    ],
)
async def test_a_wrong_activity_is_refused_and_nothing_is_stored(
    writer: httpx.AsyncClient, token_factory: Any, change: dict[str, Any], pointer: str
):
    headers = token_factory.headers("editor", region="05974040")
    path = SOEST + "/activities/2021/households.natural_gas"
    body = problem(await writer.put(path, json=GOOD | change, headers=headers), 422)
    assert pointer in [e["pointer"] for e in body["errors"]]
    assert (await writer.get(SOEST + "/activities", headers=headers)).json()["items"] == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
async def test_no_number_that_is_none(writer: httpx.AsyncClient, token_factory: Any, number: str):
    content = (
        f'{{"quantity": {number}, "unit": "MWh", "status": "measured", "grade": "A", "source":'
        ' "Beispiel"}'
    )
    headers = token_factory.headers("editor", region="05974040") | {
        "Content-Type": "application/json"
    }
    path = SOEST + "/activities/2021/households.natural_gas"
    response = await writer.put(path, content=content, headers=headers)
    assert response.status_code in {400, 422}
    problem(response, response.status_code)


@pytest.mark.parametrize("key", ["houses.natural_gas", "households.coffee", "households"])
async def test_unknown_sector_or_carrier(writer: httpx.AsyncClient, token_factory: Any, key: str):
    good = {
        "quantity": 1.0,
        "unit": "MWh",
        "status": "measured",
        "grade": "A",
        "source": "Beispiel",
    }
    headers = token_factory.headers("editor", region="05974040")
    body = problem(
        await writer.put(f"{SOEST}/activities/2021/{key}", json=good, headers=headers), 422
    )
    assert body["errors"][0]["pointer"] == "/path/key"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/body/year"),
        ({"year": "2021"}, "/body/year"),
        ({"year": 1800}, "/body/year"),
        ({"year": 2021, "factor_set": "nobody"}, "/body/factor_set"),
        ({"year": 2021, "options": {"forest_factor": "enchanted"}}, "/body/options/forest_factor"),
        ({"year": 2021, "options": {"edition": "AGEB-1900"}}, "/body/options/edition"),
        ({"year": 2021, "options": {"edition": 2023}}, "/body/options/edition"),
        ({"year": 2021, "options": {"magic": True}}, "/body/options/magic"),
        ({"year": 2021, "hurry": True}, "/body/hurry"),
    ],
)
async def test_a_wrong_computation_is_refused(
    reader: httpx.AsyncClient, token_factory: Any, body: dict[str, Any], pointer: str
):
    headers = token_factory.headers("editor", region="05974040")
    answer = problem(await reader.post(SOEST + "/balances", json=body, headers=headers), 422)
    assert answer["errors"][0]["pointer"] == pointer


async def test_broken_json_and_large_bodies(reader: httpx.AsyncClient, token_factory: Any):
    headers = token_factory.headers("editor", region="05974040") | {
        "Content-Type": "application/json"
    }
    problem(await reader.post(SOEST + "/balances", content="{", headers=headers), 400)
    problem(
        await reader.post(SOEST + "/balances", content=b" " * (1 << 20) + b"{}", headers=headers),
        413,
    )

    async def drops() -> Any:
        for _ in range(1100):
            yield b" " * 1024

    problem(await reader.post(SOEST + "/balances", content=drops(), headers=headers), 413)


async def test_an_internal_error_leaks_nothing(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    from klima_balance.regions import queries as regions

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret detail at /srv/klima")

    monkeypatch.setattr(regions, "find", broken)
    response = await reader.get(SOEST)
    assert "secret" not in response.text
    problem(response, 500)


@pytest.mark.parametrize(
    ("path", "body", "german", "english"),
    [
        (
            "/balances",
            {"year": 2021, "options": {"forest_factor": "no"}},
            "erwartet wird: eines von",
            "expected: one of",
        ),
        (
            "/activities/2021/households.electricity",
            {"unit": "m3"},
            "eine Einheit von electricity",
            "a unit for electricity",
        ),
        (
            "/heat-supply/2021/netz",
            {"plant": {"boiler_fuels": []}},
            "die Brennstoffe der Anlage",
            "the fuels of the plant",
        ),
    ],
)
async def test_what_is_expected_is_said_in_the_language_of_the_reader(
    reader: httpx.AsyncClient,
    token_factory: Any,
    path: str,
    body: dict[str, Any],
    german: str,
    english: str,
):
    headers = token_factory.headers("editor", region="05974040")
    if path.startswith("/activities"):
        body = {"quantity": 1.0, "status": "measured", "grade": "A", "source": "Beispiel", **body}
    if path.startswith("/heat"):
        body = {"name": "Netz (Beispiel)", "delivered_mwh": 1.0, "source": "Beispiel", **body}
    for language, here, there in (("de", german, english), ("en", english, german)):
        method = "POST" if path == "/balances" else "PUT"
        answer = await reader.request(
            method, SOEST + path, json=body, headers=headers | {"Accept-Language": language}
        )
        found = problem(answer, 422)
        assert here in found["errors"][0]["detail"]
        assert there not in answer.text


@pytest.mark.parametrize(
    ("quantity", "unit"), [(2_147_483_648, "GWh"), (1e9, "GWh"), (2e9, "MWh"), (1e12, "MWh")]
)
async def test_the_bound_counts_in_mwh(
    writer: httpx.AsyncClient, token_factory: Any, quantity: float, unit: str
):
    headers = token_factory.headers("editor", region="05974")
    path = f"{SOEST}/activities/2021/households.electricity"
    body = problem(
        await writer.put(path, json=GOOD | {"quantity": quantity, "unit": unit}, headers=headers),
        422,
    )
    assert [error["pointer"] for error in body["errors"]] == ["/body/quantity"]
    assert "1000000000 MWh" in body["detail"]
    stored = await writer.get(f"{SOEST}/activities", headers=headers)
    assert stored.json()["items"] == []
