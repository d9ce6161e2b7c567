"""The change feed: balances, factor sets and own scenarios in their order, nothing of drafts, every
address readable."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from klima_balance.regions.queries import publication_time
from klima_balance.regions.tables import metadata
from klima_balance.settings import Settings
from klima_shared.database.connections import Database
from klima_shared.http.paging import decode_cursor, encode_cursor

SOEST = "/v1/regions/05974040"
NOW = "2026-01-01T00:00:00+00:00"
SET = {
    "id": "beispiel-2027",
    "version": "2027.1",
    "title": "Beispielsatz",
    "source": "Beispiel",
    "factors": [
        {
            "category": "natural_gas",
            "year": 2021,
            "value": 200.0,
            "source": "Beispiel",
            "certainty": "derived",
        }
    ],
}
SCENARIO = {"region": "05974040", "title": "Mehr Wind (Beispiel)", "based_on": "trend"}


async def walked(
    client: httpx.AsyncClient, cursor: str | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], str]:
    """Everything after `cursor`, and the cursor to go on with."""
    items: list[dict[str, Any]] = []
    while True:
        query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/changes", params=query)).raise_for_status().json()
        items += page["items"]
        cursor = page["next"]
        if not page["more"]:
            return items, str(cursor)


async def made(
    client: httpx.AsyncClient, path: str, body: Any, headers: dict[str, str]
) -> httpx.Response:
    response = await client.post(path, json=body, headers=headers)
    assert response.is_success, response.text
    return response


@pytest.mark.parametrize("limit", [1, 7, 200])
async def test_everything_published_is_told_once_and_can_be_read(
    reader: httpx.AsyncClient, limit: int
):
    items, cursor = await walked(reader, limit=limit)
    assert len(items) == len({(c["kind"], c["id"], c["version"]) for c in items})
    assert [c["at"] for c in items] == sorted(c["at"] for c in items)
    assert sum(c["kind"] == "balances" for c in items) == 30
    sets = (await reader.get("/v1/factor-sets?limit=200")).json()["items"]
    assert {c["id"] for c in items if c["kind"] == "factors"} == {s["id"] for s in sets}
    if limit == 200:
        for change in items:
            assert (await reader.get(change["url"])).status_code == 200, change
    assert await walked(reader, cursor) == ([], cursor)


async def test_what_becomes_public_is_told_and_drafts_are_not(
    writer: httpx.AsyncClient, token_factory: Any
):
    keeper, manager = (
        token_factory.headers("method"),
        token_factory.headers("manager", region="05974"),
    )
    _, cursor = await walked(writer)
    await made(writer, "/v1/factor-sets", SET, keeper)
    first = await made(writer, "/v1/scenarios", SCENARIO, manager)
    gone = await made(writer, "/v1/scenarios", SCENARIO, manager)
    where, etag = gone.headers["location"], gone.headers["etag"]
    assert (await writer.delete(where, headers={**manager, "If-Match": etag})).status_code == 204
    balance = await made(writer, SOEST + "/balances", {"year": 2021}, manager)
    assert await walked(writer, cursor) == ([], cursor), (
        "drafts, and a draft that was removed, leave no trace"
    )

    await made(writer, "/v1/factor-sets/beispiel-2027/release", None, keeper)
    await made(writer, first.headers["location"] + "/publish", None, manager)
    await made(writer, f"/v1/balances/{balance.json()['id']}/publish", None, manager)
    second = await made(
        writer, "/v1/scenarios", {**SCENARIO, "replaces": first.json()["id"]}, manager
    )
    await made(writer, second.headers["location"] + "/publish", None, manager)
    items, cursor = await walked(writer, cursor, limit=2)
    assert [(c["kind"], c["id"], c["operation"], c["region"], c["version"]) for c in items] == [
        ("factors", "beispiel-2027", "upsert", None, None),
        ("scenarios", first.json()["id"], "upsert", "05974040", 1),
        ("balances", "05974040/2021", "upsert", "05974040", 2),
        ("scenarios", second.json()["id"], "upsert", "05974040", 2),
    ]
    for change in items:
        assert (await writer.get(change["url"])).status_code == 200, change
    published = await writer.get(items[1]["url"])
    removal = await writer.delete(
        items[1]["url"], headers={**manager, "If-Match": published.headers["etag"]}
    )
    assert removal.status_code == 409, "what is public stays, so the feed has no tombstones"
    assert await walked(writer, cursor) == ([], cursor)


async def test_a_cursor_from_when_there_were_only_balances_goes_on(reader: httpx.AsyncClient):
    """Its reader has the balances before it and none of the others, which are older."""
    items, cursor = await walked(reader)
    balances = [c for c in items if c["kind"] == "balances"]
    page = (await reader.get("/v1/changes", params={"limit": len(items)})).json()
    at, _, identity = decode_cursor(page["next"])
    former = encode_cursor([at, identity])
    told, _ = await walked(reader, former, limit=200)
    assert [c["kind"] for c in told] == ["factors"] * (len(items) - len(balances))
    for limit in (1, 200):
        told, last = await walked(reader, former, limit=limit)
        assert {c["id"] for c in told} >= {c["id"] for c in items if c["kind"] == "factors"}
        assert (last, await walked(reader, last)) == (cursor, ([], cursor))
    early = encode_cursor(["2000-01-01T00:00:00+00:00", ""])
    assert (await walked(reader, early))[0] == items


@pytest.mark.parametrize(
    "key", [["x"], ["x", "y"], ["x", "y", "z"], [1, 2, 3, 4], ["2021-01-01", "a"], [NOW, "a", "\0"]]
)
async def test_another_cursor_is_refused(reader: httpx.AsyncClient, key: list[Any]):
    assert (
        await reader.get("/v1/changes", params={"cursor": encode_cursor(key)})
    ).status_code == 422


async def test_who_is_later_in_time_commits_later(service_database: Any):
    """Or a reader would pass the entry of one who took the time earlier and is still writing."""
    url = service_database("balance", ["load-method"]).url
    database = Database(Settings(environment="test", database_url=url), metadata)
    order: list[datetime] = []

    async def publish() -> None:
        async with database.write() as write:
            await write.execute(text("select 1"))
            order.append(await publication_time(write))

    try:
        async with database.write() as write:
            first = await publication_time(write)
            other = asyncio.create_task(publish())
            waiting = text(
                "select count(*) from pg_locks where not granted and locktype = 'advisory'"
            )
            while True:
                if (await write.execute(waiting)).scalar() or order:
                    break
                await asyncio.sleep(0.01)
            assert not order, "the second waits for the commit of the first"
        await other
        assert order[0] > first
    finally:
        await database.close()
