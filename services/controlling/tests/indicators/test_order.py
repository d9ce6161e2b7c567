"""Indicators in the order that is asked for."""

from typing import Any

import pytest


@pytest.mark.parametrize("sort", ["position", "-position", "code", "-code", "-changed_at"])
async def test_indicators_are_sorted_as_asked_page_by_page(world: Any, sort: str) -> None:
    name = sort.removeprefix("-")
    whole = (await world.client.get("/v1/indicators", params={"sort": sort})).json()["items"]
    assert len(whole) > 5
    values = [one[name] for one in whole]
    assert values == sorted(values, reverse=sort.startswith("-"))
    found, query = [], {"sort": sort, "limit": "3"}
    while query.get("cursor") != "":
        page = (await world.client.get("/v1/indicators", params=query)).json()
        found += page["items"]
        query["cursor"] = page["next"] or ""
    assert found == whole
