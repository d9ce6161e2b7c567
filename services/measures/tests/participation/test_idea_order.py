"""Ideas in the order that is asked for."""

from typing import Any

import pytest


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "changed_at", "-changed_at"])
async def test_ideas_are_sorted_as_asked_page_by_page(start: Any, sort: str) -> None:
    client = await start(idea_rate_limit=20)
    for number in range(4):
        await client.post("/v1/ideas", json=client.idea(text=f"Radweg Nummer {number}"))
    client.sql(
        "update measures.idea set changed_at = now() - make_interval(days => length(text)) "
        "where text like '%2' returning 1"
    )
    viewer, name = client.as_("viewer"), sort.removeprefix("-")
    whole = (await viewer.get("/v1/ideas", params={"sort": sort})).json()["items"]
    assert len(whole) == 4
    values = [one[name] for one in whole]
    assert values == sorted(values, reverse=sort.startswith("-"))
    found, query = [], {"sort": sort, "limit": "1"}
    while query.get("cursor") != "":
        page = (await viewer.get("/v1/ideas", params=query)).json()
        found += page["items"]
        query["cursor"] = page["next"] or ""
    assert found == whole
