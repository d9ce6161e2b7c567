"""A reader whose cursor is ahead of the feed after a restore is told so (410), in every service;
with silence its copy would stay as it is for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from klima_shared.database.change_feed import BEGINNING
from klima_shared.http.paging import encode_cursor
from tests.edge.operations import Service, application, service

__all__ = ["application", "service"]
LATER = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    "key", [[10**9], [LATER, "balances", "x"], [LATER, "05974040"]], ids=["n", "at", "former"]
)
async def test_a_cursor_ahead_of_the_feed_is_410(service: Service, key: list[object]) -> None:
    answer = await service.client.get("/v1/changes", params={"cursor": encode_cursor(key)})
    if answer.status_code == 422:  # a cursor of another service
        return
    assert answer.status_code == 410, answer.text
    assert "ohne Cursor" in answer.json()["detail"]
    documented = next(o for o in service.operations if o.path == "/v1/changes").document
    assert "410" in documented["responses"]


async def test_a_kind_of_cursor_is_tried_on_every_service(service: Service) -> None:
    statuses = [
        (await service.client.get("/v1/changes", params={"cursor": encode_cursor(key)})).status_code
        for key in ([10**9], [LATER, "balances", "x"])
    ]
    assert sorted(statuses) == [410, 422]


async def test_the_end_of_the_feed_is_not_ahead(service: Service) -> None:
    cursor = BEGINNING
    while True:
        answer = await service.client.get("/v1/changes", params={"cursor": cursor, "limit": 200})
        assert answer.status_code == 200, answer.text
        cursor = answer.json()["next"]
        if not answer.json()["more"]:
            break
    assert (await service.client.get("/v1/changes", params={"cursor": cursor})).status_code == 200
