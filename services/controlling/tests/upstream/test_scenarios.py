"""The balance service's scenarios on the pages: the same numbers everywhere, and never anything to
wait for."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from klima_controlling.upstream.model import ScenarioKind
from klima_controlling.upstream.rules import projection_of, years_between
from klima_controlling.website.actions import region_page
from klima_shared.wire.balance import Band, BandYear

PAGE = "/regionen/05974040"


async def page(world: Any, path: str = f"{PAGE}?lang=de") -> str:
    answer = await world.client.get(path)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def table(text: str) -> list[list[str]]:
    """The rows of the table behind the path's picture."""
    found = re.search(r"<caption>kt CO₂e</caption>.*?</table>", text, re.DOTALL)
    assert found is not None
    rows = re.findall(r"<tr>(.*?)</tr>", found[0], re.DOTALL)
    return [
        [re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row)]
        for row in rows
    ]


async def test_picture_table_and_description_carry_the_scenario_s_numbers(world: Any) -> None:
    text = await page(world)
    identity = "trend.05974040.2021.v1.e2026-2"
    given = await world.balance_client.get(
        f"/v1/scenarios/{identity}/uncertainty", params={"years": [2030, 2045]}
    )
    band = {y["year"]: y["totals"]["emissions_t_co2e"] for y in given.json()["years"]}
    heads, *rows = table(text)
    assert heads == ["Jahr", "Bilanz", "Trend", "Klimaschutz", "Ziel 2030", "Kreisziel 2045"]
    by_year = {row[0]: row for row in rows}
    first = ["2018", "2021", "2022", "2023", "2024"]
    assert list(by_year) == [*first, "2025", "2030", "2035", "2040", "2045"]
    low, middle, high = (
        f"{float(f'{band[2030][name] / 1000:.2g}'):.0f}" for name in ("p5", "stated", "p95")
    )
    assert by_year["2030"][2] == f"{middle} ({low} – {high})"
    assert by_year["2018"][2] == "–"
    assert by_year["2021"][1] == by_year["2021"][3] == "360"
    for picture in re.findall(r'<svg[^>]*aria-labelledby="p[wn]-t.*?</svg>', text, re.DOTALL):
        assert f"2030 {middle} kt (von {low} kt bis {high} kt)" in picture
        assert 'class="band"' in picture
    assert f"/v1/scenarios/{identity}" in text
    assert "Rechnung unter Annahmen" in text


async def test_in_english_and_in_the_widget(world: Any) -> None:
    assert "a projection under assumptions" in await page(world, f"{PAGE}?lang=en")
    widget = await page(world, "/embed/status/05974040?lang=en")
    assert ">Trend</text>" in widget
    assert ">Climate protection</text>" in widget
    assert "a projection under assumptions" in widget
    assert table(widget)[0] == [
        "Year",
        "Balance",
        "Trend",
        "Climate protection",
        "Target 2030",
        "County target 2045",
    ]
    assert len(widget) < 20_000, "a widget weighs little"


async def test_what_comes_late_is_not_waited_for_and_there_for_the_next_reader(world: Any) -> None:
    cache = world.app.state.context.balance.cache
    cache.timing = cache.timing._replace(optional=0.01)
    world.balance.slow = "/v1/scenarios"
    async with asyncio.timeout(60):
        for _ in range(2):
            text = await page(world)
            assert ">Trend</text>" not in text
            assert "Ziel 2030" in text
            assert "nicht erreichbar" not in text
        answer = await world.client.get(PAGE)
        assert answer.headers["cache-control"] == "public, max-age=10"
        world.balance.open.set()
        cache.timing = cache.timing._replace(optional=60.0)
        await asyncio.wait([task for task, _ in cache._pending.values()])
        assert ">Trend</text>" in await page(world)


@pytest.mark.parametrize("failure", ["cut", "unknown"])
async def test_a_scenario_that_fails_leaves_the_page_as_it_is(world: Any, failure: str) -> None:
    """Cut off, or a balance service without such routes: no sign that the service is down, and it
    is not asked again."""
    world.balance.fails = ("/v1/scenarios", failure)
    text = await page(world)
    assert ">Trend</text>" not in text
    assert "nicht erreichbar" not in text
    assert [row[0] for row in table(text)[1:]] == ["2018", "2021", "2030", "2045"]
    world.balance.asked.clear()
    await page(world)
    assert [path for path in world.balance.asked if "/v1/scenarios" in path] == []
    await asyncio.sleep(0.2)
    assert "/health/ready" not in world.balance.asked, (
        "nobody watches for a service to come back that is not away"
    )


async def test_kept_scenarios_outlive_the_process_and_the_service(world: Any) -> None:
    await page(world)
    world.app.state.context.balance.cache._entries.clear()
    world.balance.up = False
    text = await page(world)
    assert ">Trend</text>" in text
    assert "Der Bilanzdienst ist seit" in text


async def test_no_connection_is_held_while_another_service_is_asked(world: Any) -> None:
    pools = [engine.pool for engine in world.app.state.database.engines]
    for path in ("/v1/regions/05974000/balances", "/v1/scenarios", "/v1/comparisons"):
        balance = world.balance
        balance.slow, balance.reached, balance.open = path, asyncio.Event(), asyncio.Event()
        asking = asyncio.create_task(page(world, "/?lang=de"))
        async with asyncio.timeout(60):
            await balance.reached.wait()
            await asyncio.sleep(
                0.2
            )  # whatever goes on beside it comes to its end or to the same gate
            assert [pool.checkedout() for pool in pools] == [0, 0, 0], path
            balance.open.set()
            await asking


def test_a_missing_figure_is_no_projection() -> None:
    band: Band = {"stated": 1.0, "p5": 0.5, "p95": None}
    rows: list[BandYear] = [{"year": 2030, "totals": {"emissions_t_co2e": band}}]
    assert projection_of(ScenarioKind.TREND, {"scenario": {"id": "x"}, "years": rows}) is None
    band["p95"] = 2.0
    found = projection_of(ScenarioKind.TREND, {"scenario": {"id": "x"}, "years": rows})
    assert found is not None
    assert found.at(2030) == found.points[0]
    assert found.at(2031) is None


@pytest.mark.parametrize(
    ("base", "horizon", "expected"),
    [
        (2021, 2045, [2022, 2023, 2024, 2025, 2030, 2035, 2040, 2045]),
        (2020, 2033, [2021, 2022, 2023, 2024, 2025, 2030, 2033]),
        (2041, 2043, [2042, 2043]),
        (2044, 2045, [2045]),
    ],
)
def test_years_between(base: int, horizon: int, expected: list[int]) -> None:
    assert years_between(base, horizon) == expected


async def test_a_band_that_comes_late_makes_answer_and_page_anew(world: Any) -> None:
    """Until then `settled` is null, nobody stores the answer, and the page is looked at again
    soon."""
    cache, path = world.app.state.context.balance.cache, "/v1/regions/05974040/status"
    cache.timing = cache.timing._replace(optional=0.01)
    world.balance.slow = "/uncertainty"
    async with asyncio.timeout(60):
        before = await world.client.get(path)
        assert {light["settled"] for light in before.json()["lights"]} == {None}
        assert before.headers["cache-control"] == "no-store"
        first = await world.client.get(PAGE)
        assert first.headers["cache-control"] == "public, max-age=10"
        world.balance.open.set()
        cache.timing = cache.timing._replace(optional=60.0)
        await asyncio.wait([task for task, _ in cache._pending.values()])
        after = await world.client.get(path)
        assert "no-store" not in after.headers["cache-control"]
        second = await world.client.get(PAGE)
        assert second.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("settled", [True, False])
async def test_the_page_s_key_holds_whether_a_light_is_settled(world: Any, settled: bool) -> None:
    page = await region_page(world.app.state.database, world.app.state.context, "05974040", "de")
    judged = [replace(light, settled=None) for light in page.judged]
    unknown = replace(page, judged=judged)
    one = replace(page, judged=[replace(judged[0], settled=settled), *judged[1:]])
    assert one.key != unknown.key
    assert replace(one, judged=judged).key == unknown.key
