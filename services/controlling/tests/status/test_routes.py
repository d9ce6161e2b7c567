"""Status over HTTP from a real balance; with the other services cut, stale or never there."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

import pytest


async def status(world: Any, ags: str = "05974040", **headers: str) -> dict[str, Any]:
    answer = await world.client.get(f"/v1/regions/{ags}/status", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_county_and_its_municipalities_come_in_one_call(world: Any) -> None:
    answer = await world.client.get("/v1/status?parent=05974")
    assert answer.status_code == 200, answer.text
    items = {item["key"]: item for item in answer.json()["items"]}
    assert len(items) == 15
    for ags in ("05974000", "05974040"):
        assert items[ags]["lights"] == (await status(world, ags))["lights"]


async def test_germany_has_a_status_too(world: Any) -> None:
    assert (await status(world, "DG"))["key"] == "DG000000"


async def test_lights_follow_from_the_published_balances(world: Any) -> None:
    found = await status(world)
    own, inherited = found["lights"]
    assert (own["target"], own["year"], own["boundary"], own["inherited"]) == (
        "soest-2030",
        2030,
        "territory",
        False,
    )
    assert (inherited["target"], inherited["inherited"]) == ("kreis-soest-2045", True)
    first, last = own["path"]
    expected = first["value"] * (1 - 3 / 12)
    assert own["path_value"] == pytest.approx(expected)
    assert own["gap"] == own["actual"] - own["path_value"]
    assert own["gap_percent"] == pytest.approx(own["gap"] / own["path_value"] * 100)
    assert (last["year"], last["value"], own["light"]) == (2030, 0.0, "red")
    assert own["decided"] is False
    assert "Beschluss nicht hinterlegt" in own["decision"]
    assert found["stale_since"] is None
    assert found["meta"]["sources"]


async def test_the_county_shows_both_headline_targets_and_never_green_without_data(
    world: Any,
) -> None:
    found = {light["target"]: light for light in (await status(world, "05974"))["lights"]}
    assert found["kreis-soest-2045"]["light"] == "yellow"
    konzern = found["konzern-kreis-soest-2030"]
    assert (konzern["light"], konzern["actual"], konzern["boundary"]) == (
        "unknown",
        None,
        "organisation",
    )
    alone = await world.client.get("/v1/organisations/konzern-kreis-soest/status")
    assert alone.json()["lights"][0]["light"] == "unknown"


async def test_same_figures_same_etag_and_304(world: Any) -> None:
    first = await world.client.get("/v1/regions/05974040/status")
    again = await world.client.get(
        "/v1/regions/05974040/status", headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304


async def test_english(world: Any) -> None:
    light = (await status(world, **{"Accept-Language": "en"}))["lights"][0]
    assert light["light_label"] == "clearly above the path"
    assert "Gap = value" in light["rule"]


async def test_with_the_balance_service_cut_the_last_copy_answers_and_says_since_when(
    world: Any,
) -> None:
    before = await status(world)
    world.balance.up = False
    stale = await status(world)
    assert stale["lights"] == before["lights"]
    assert datetime.fromisoformat(stale["stale_since"]).tzinfo is not None
    page = await world.client.get("/regionen/05974040?lang=de")
    assert page.status_code == 200
    assert "Der Bilanzdienst ist seit" in page.text
    world.balance.up = True
    for _ in range(100):
        await asyncio.sleep(0.05)
        if (await status(world))["stale_since"] is None:
            break
    else:
        pytest.fail("still stale after the service was back")


async def test_while_down_nobody_waits_for_it_again(world: Any) -> None:
    await status(world)
    world.balance.up = False
    await status(world)
    world.balance.asked.clear()
    for _ in range(5):
        await status(world)
    assert [path for path in world.balance.asked if path != "/health/ready"] == []


async def test_a_service_that_answers_again_is_asked_what_nobody_knows_yet(world: Any) -> None:
    """One answer that came too late is no reason to refuse the next question until the watcher has
    looked."""
    cache = world.app.state.context.balance.cache
    cache.timing = cache.timing._replace(watch=3600.0)
    await status(world)
    world.balance.up = False
    assert (await status(world))["stale_since"] is not None
    world.balance.up = True
    other = await world.client.get("/v1/regions/05974028/status")
    assert other.status_code == 200
    assert (await status(world))["stale_since"] is None


async def test_kept_answers_outlive_the_process(world: Any) -> None:
    await status(world)
    world.app.state.context.balance.cache._entries.clear()
    world.balance.up = False
    assert (await status(world))["stale_since"] is not None


async def test_kept_answers_are_read_while_every_connection_of_the_service_is_taken(
    world: Any,
) -> None:
    """As when as many pages are being made as there are connections, each in need of its kept
    answers."""
    await status(world)
    async with AsyncExitStack() as taken:
        for _ in range(world.app.state.settings.database_pool_size):
            await taken.enter_async_context(world.app.state.database.read())
        async with asyncio.timeout(20):
            assert (
                await world.app.state.stored_answers.load("balance", "/v1/regions/05974040")
                is not None
            )


async def test_never_answered_is_a_503_not_an_empty_answer(world: Any) -> None:
    world.balance.up = False
    answer = await world.client.get("/v1/regions/05974040/status")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


async def test_measures_down_from_the_start_leaves_the_page_up(world: Any) -> None:
    world.measures.up = False
    page = await world.client.get("/?lang=de")
    assert page.status_code == 200
    assert "Der Maßnahmendienst ist nicht erreichbar" in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/regions/05999999/status", 404),
        ("/v1/regions/5974040/status", 422),
        ("/v1/organisations/nobody/status", 404),
    ],
)
async def test_wrong_keys_are_problems(world: Any, path: str, status: int) -> None:
    answer = await world.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )


async def test_published_versions_are_asked_for_once(world: Any) -> None:
    await status(world)
    world.balance.asked.clear()
    await status(world)
    assert [p for p in world.balance.asked if "version=" in p] == []
    assert any(p.startswith("/v1/regions/05974040/balances") for p in world.balance.asked)
