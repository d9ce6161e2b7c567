"""A saving beside the sector's emissions: the balance service up, without a balance, wrong, and
down."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, cast

import httpx
import pytest

from klima_measures.upstream.actions import Balance, balance_cache
from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.client import ServiceClient
from klima_shared.wire.balance import BalanceDocument, Totals

from ..conftest import COUNTY, SOEST, Client, Opened, sheet

SAVING = [{"sector": "transport", "emissions_t_co2e": 1000.0, "affects_bisko": True}]
Answers = Callable[[httpx.Request], httpx.Response]
Asking = Callable[[Answers], Client]


NOT_FOUND = {"type": "urn:klimakreis:problem:not-found", "title": "Nicht gefunden", "status": 404}


def balance(answers: Answers) -> CachedClient:
    transport = httpx.MockTransport(answers)
    return balance_cache(ServiceClient("balance", "http://balance", transport=transport))


def document(emissions: float) -> BalanceDocument:
    """A published balance of Soest, with transport alone."""
    totals = cast("Totals", dict.fromkeys(Totals.__annotations__))
    return {
        "id": "b",
        "region": {"ags": SOEST, "name": "Soest", "population": None},
        "year": 2021,
        "version": 1,
        "published_at": "2026-11-02T12:00:00+01:00",
        "factor_set": {"id": "f", "version": "1", "digest": "sha256:0"},
        "totals": totals,
        "sectors": [
            {"sector": "transport", "final_energy_mwh": None, "emissions_t_co2e": emissions}
        ],
        "cells": [],
        "blocks": {"renewables": [], "land_use": []},
        "data_quality": None,
        "conformity": {"findings": []},
        "meta": {"attribution": "", "licence": "", "sources": []},
    }


def published(emissions: float) -> Answers:
    """A balance service with one published balance of Soest, in the shape of the contract."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == f"/v1/regions/{SOEST}/balances":
            heads = [
                {"year": 2018, "state": "published", "version": 1},
                {"year": 2021, "state": "published", "version": 1},
                {"year": 2022, "state": "draft", "version": None},
            ]
            return httpx.Response(200, json={"items": heads, "next": None})
        if request.url.path == f"/v1/regions/{SOEST}/balances/2021":
            return httpx.Response(200, json=document(emissions))
        return httpx.Response(404, json=NOT_FOUND)

    return answer


@pytest.fixture
async def with_balance(client: Client, open_client: Opened) -> AsyncIterator[Asking]:
    """`with_balance(answers)`: the service of `client`, asking a balance service that answers
    so."""
    async with AsyncExitStack() as stack:

        def asking(answers: Answers) -> Client:
            asked, service = open_client(client.database), balance(answers)
            stack.push_async_callback(service.close)
            asked.app.state.balance = Balance(service)
            return asked

        yield asking


async def checks(client: Client, identity: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"/v1/measures/{identity}")).json()[
        "saving_checks"
    ]
    return found


@pytest.mark.parametrize(
    ("emissions", "state"), [(999.0, "exceeds"), (1000.0, "ok"), (5000.0, "ok")]
)
async def test_a_saving_is_compared_with_the_newest_published_balance(
    client: Client, with_balance: Asking, emissions: float, state: str
) -> None:
    made = await client.published(savings=SAVING)
    asked = with_balance(published(emissions))
    found = await checks(asked, made["id"])
    assert [(c["state"], c["balance_year"], c["emissions_t_co2e"]) for c in found] == [
        (state, 2021, emissions)
    ]
    page = (await asked.get(f"/v1/measures/{made['id']}/sheet")).text
    assert ("größer als alles, was der Sektor „Verkehr“ im Gebiet Soest ausstößt (999" in page) == (
        state == "exceeds"
    )


async def test_without_a_balance_there_is_nothing_to_compare(
    client: Client, with_balance: Asking
) -> None:
    made = await client.published(savings=SAVING)
    found = await checks(with_balance(lambda _: httpx.Response(404, json=NOT_FOUND)), made["id"])
    assert [c["state"] for c in found] == ["no_balance"]


@pytest.mark.parametrize(
    "fault",
    [
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(200, text="no json"),
        lambda _: httpx.Response(200, json=["no", "object"]),
        lambda _: httpx.Response(200, json={"items": ["x"]}),
    ],
)
async def test_with_the_balance_service_broken_the_sheet_works_and_says_pending(
    client: Client, with_balance: Asking, fault: Any
) -> None:
    made = await client.published(savings=SAVING)
    asked = with_balance(fault)
    assert [c["state"] for c in await checks(asked, made["id"])] == ["pending"]
    page = await asked.get(f"/v1/measures/{made['id']}/sheet")
    assert page.status_code == 200
    assert "Prüfung gegen die Bilanz steht aus" in page.text
    assert (await asked.get(f"/v1/measures/{made['id']}/sheet.pdf")).status_code == 200


async def test_with_the_balance_service_down_nobody_waits(
    client: Client, open_client: Opened
) -> None:
    made = await client.published(savings=SAVING)
    asked = open_client(client.database, balance_url="http://127.0.0.1:9")
    assert [c["state"] for c in await checks(asked, made["id"])] == ["pending"]
    start = time.perf_counter()
    for _ in range(5):
        await checks(asked, made["id"])
    assert time.perf_counter() - start < 1.0
    ready = await asked.get("/health/ready")
    assert (ready.status_code, ready.json()["upstreams"]) == (200, {"balance": "unreachable"})


async def test_an_answer_is_kept_when_the_service_goes_down(
    client: Client, with_balance: Asking
) -> None:
    made = await client.published(savings=SAVING)
    answer: list[Callable[[httpx.Request], httpx.Response]] = [published(5.0)]
    asked = with_balance(lambda request: answer[0](request))
    assert [c["state"] for c in await checks(asked, made["id"])] == ["exceeds"]
    answer[0] = lambda _: httpx.Response(500)
    assert [c["state"] for c in await checks(asked, made["id"])] == ["exceeds"]


async def test_what_the_balance_does_not_fall_by_is_not_compared(
    client: Client, with_balance: Asking
) -> None:
    outside = [
        SAVING[0] | {"affects_bisko": False},
        {"emissions_t_co2e": 10.0**9, "affects_bisko": True},
    ]
    made = await client.published(savings=outside)
    assert await checks(with_balance(published(1.0)), made["id"]) == []


async def test_unknown_regions_are_asked_of_the_balance_service(
    client: Client, with_balance: Asking
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        known = request.url.path.endswith("05978004")
        return httpx.Response(
            200 if known else 404,
            json={"ags": "05978004", "name": "Bergkamen", "kind": "municipality"}
            if known
            else NOT_FOUND,
        )

    asked = with_balance(answer)
    assert (await asked.get("/v1/measures?region=05978004")).status_code == 200
    assert (await asked.get("/v1/measures?region=05978999")).status_code == 422


LOCKED = """
    select c.relname from pg_locks l join pg_class c on c.oid = l.relation
    where l.mode in ('RowShareLock', 'RowExclusiveLock')
      and c.relnamespace = 'measures'::regnamespace
      and l.database = (select oid from pg_database where datname = current_database())
"""


async def test_nobody_is_asked_while_a_row_is_locked(client: Client, with_balance: Asking) -> None:
    made = await client.published(savings=SAVING)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert client.rows(LOCKED) == []
        asked.append(request.url.path)
        ags = request.url.path.rpartition("/")[2]
        if request.url.path == f"/v1/regions/{ags}":
            region = {"ags": ags, "name": ags, "kind": "municipality", "parent": COUNTY}
            return httpx.Response(200, json=region)
        return published(5000.0)(request)

    service = with_balance(answer)
    editor, path = service.as_("editor"), f"/v1/measures/{made['id']}"
    created = await editor.post("/v1/measures", json=sheet(number="NEU-1", regions=["05974004"]))
    assert created.status_code == 201, created.text
    etag = {"If-Match": await service.etag(made["id"])}
    changed = await editor.patch(path, json={"regions": ["05974008"]}, headers=etag)
    assert changed.status_code == 200, changed.text
    etag = {"If-Match": changed.headers["ETag"]}
    whole = sheet(number=made["number"], regions=["05974048"], savings=SAVING)
    replaced = await editor.put(path, json=whole, headers=etag)
    assert replaced.status_code == 200, replaced.text
    file = {"file": ("k.json", json.dumps([sheet(number="NEU-2", regions=["05974016"])]))}
    brought = await editor.post("/v1/measures/imports?dry_run=false", files=file)
    assert brought.status_code == 201, brought.text
    regions = {path for path in asked if path.count("/") == 3}
    assert {ags[-8:] for ags in regions} >= {"05974004", "05974008", "05974048", "05974016"}
