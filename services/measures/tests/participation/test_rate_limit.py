"""Keeping floods and form robots out: per address, in all processes together, without remembering
addresses."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from klima_measures.participation.actions.rate_limit import (
    FEWEST_ATTEMPTS,
    MOST_ADDRESSES,
    Attempts,
    household,
)
from klima_measures.participation.model import ideas as references


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),  # one household has a /64
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_what_counts_as_one_household(address: str | None, expected: str) -> None:
    assert household(address) == expected


def _from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def test_bodies_that_are_refused_count_before_they_are_read(start: Any) -> None:
    client = await start(idea_rate_limit=2, trusted_proxies=("127.0.0.1",))
    hostile = b'{"text": "' + b"<" + b" " * 4000 + b'", "region": '
    statuses = [
        (await client.post("/v1/ideas", content=hostile, headers=_from("203.0.113.1"))).status_code
        for _ in range(FEWEST_ATTEMPTS + 1)
    ]
    assert 429 not in statuses[:-1]
    assert statuses[-1] == 429
    answer = await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.1"))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    other = await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.2"))
    assert other.status_code == 201
    editor = await client.as_("editor").post(
        "/v1/ideas", json=client.idea(), headers=_from("203.0.113.1")
    )
    assert editor.status_code == 201


async def test_answers_tell_what_is_left(start: Any) -> None:
    """RateLimit headers of the IETF's draft: on what is stored, on what is refused, readable by a
    page of another origin; a token is not counted."""
    client = await start(idea_rate_limit=1, trusted_proxies=("127.0.0.1",))
    page = _from("203.0.113.1") | {"Origin": "https://gemeinde.example"}
    answers = [await client.post("/v1/ideas", json=client.idea(), headers=page) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 429, 429]
    policy = f'"ideas";q=1;w=3600, "requests";q={FEWEST_ATTEMPTS};w=3600'
    for number, answer in enumerate(answers, start=1):
        assert answer.headers["ratelimit-policy"] == policy
        left, seconds = re.search(
            r'"requests";r=(\d+);t=(\d+)', answer.headers["ratelimit"]
        ).groups()  # type: ignore[union-attr]
        assert (int(left), 0 < int(seconds) <= 3601) == (FEWEST_ATTEMPTS - number, True)
        refused = re.search(r'"ideas";r=0;t=(\d+)', answer.headers["ratelimit"])
        assert bool(refused) is (answer.status_code == 429)
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert {"ratelimit", "ratelimit-policy"} <= set(exposed.split(", "))
    editor = await client.as_("editor").post("/v1/ideas", json=client.idea(), headers=page)
    assert (editor.status_code, "ratelimit" in editor.headers) == (201, False)


def test_attempts_hold_a_bounded_number_of_addresses() -> None:
    attempts, now = Attempts(1, 3600), datetime.now(UTC)
    for number in range(MOST_ADDRESSES + 5):
        assert attempts.left(f"address {number}", now) >= 0
    assert attempts.left(f"address {number}", now) < 0
    assert attempts.left("address 0", now) >= 0  # forgotten for the newer ones
    assert attempts.left(f"address {number}", now + timedelta(hours=1)) >= 0


async def test_a_flood_from_one_address_is_refused_and_others_are_not(start: Any) -> None:
    client = await start(idea_rate_limit=3, trusted_proxies=("127.0.0.1",))
    for number in range(3):
        answer = await client.post(
            "/v1/ideas", json=client.idea(text=f"Idee {number}"), headers=_from("203.0.113.1")
        )
        assert answer.status_code == 201
    for _ in range(2):
        flood = await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.1"))
        assert flood.status_code == 429
        assert 0 < int(flood.headers["retry-after"]) <= 3601
        assert "mehr als 3 Ideen" in flood.json()["detail"]
    assert (
        await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.2"))
    ).status_code == 201
    editor = client.as_("editor")
    for _ in range(5):
        assert (
            await editor.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.1"))
        ).status_code == 201
    assert client.sql("select count(*) as n from measures.idea") == [{"n": 9}]
    assert client.sql("select count(*) as n from measures.audit where action = 'hand_in'") == [
        {"n": 9}
    ]


async def test_a_flood_at_once_gets_no_further(start: Any) -> None:
    client = await start(idea_rate_limit=5)
    ideas = [
        client.post("/v1/ideas", json=client.idea(text=f"Gleichzeitig {n}")) for n in range(30)
    ]
    statuses = [answer.status_code for answer in await asyncio.gather(*ideas)]
    assert (statuses.count(201), statuses.count(429)) == (5, 25)


async def test_two_processes_count_together(start: Any) -> None:
    one = await start(idea_rate_limit=4)
    other = await start(one.database, idea_rate_limit=4)
    statuses = []
    for number in range(6):
        client = (one, other)[number % 2]
        statuses.append(
            (await client.post("/v1/ideas", json=client.idea(text=f"Idee {number}"))).status_code
        )
    assert statuses == [201] * 4 + [429] * 2


async def test_a_repeat_is_not_counted(start: Any) -> None:
    client = await start(idea_rate_limit=2)
    for _ in range(5):
        answer = await client.post(
            "/v1/ideas", json=client.idea(), headers={"Idempotency-Key": "again"}
        )
        assert answer.status_code == 201
    assert (await client.post("/v1/ideas", json=client.idea(text="Zweite"))).status_code == 201


async def test_no_address_is_stored(start: Any) -> None:
    client = await start(trusted_proxies=("127.0.0.1",))
    await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.77"))
    for table in ("idea", "audit", "idempotency_key", "client_counter"):
        assert "203.0.113.77" not in str(
            client.sql(f"select to_jsonb(x) as x from measures.{table} x")
        )
    assert client.sql("select count(*) as n from measures.client_counter") == [{"n": 1}]


async def test_the_form_token_takes_its_time(start: Any) -> None:
    client = await start(idea_form_required=True, idea_form_seconds=3)
    other = await start(client.database, idea_form_required=True, idea_form_seconds=3)
    assert (await client.post("/v1/ideas", json=client.idea())).status_code == 422
    form = (await client.get("/v1/ideas/form")).json()
    assert "einverstanden" in form["consent_text"]
    fast = await client.post("/v1/ideas", json=client.idea(form_token=form["form_token"]))
    assert fast.status_code == 422
    assert "So schnell" in fast.json()["detail"]
    await asyncio.sleep(3.1)
    assert (
        await other.post("/v1/ideas", json=client.idea(form_token=form["form_token"]))
    ).status_code == 201
    stamp, signature = form["form_token"].split(".")
    old = int(stamp) - 90_000
    for token in (
        f"{old}.{signature}",
        f"{stamp}.{'0' * 64}",
        f"{int(stamp) + 9999}.{signature}",
        "9" * 199,
    ):
        assert (
            await client.post("/v1/ideas", json=client.idea(form_token=token))
        ).status_code == 422
    assert (await client.as_("editor").post("/v1/ideas", json=client.idea())).status_code == 201


async def test_a_salt_that_was_rolled_back_is_not_remembered(start: Any) -> None:
    client = await start()
    rate_limit, database = client.app.state.rate_limit, client.app.state.database
    now = datetime.now(UTC)

    async with database.write() as connection:
        first = await rate_limit.quota(connection, "203.0.113.1", now)
        await connection.rollback()
    async with database.write() as connection:
        second = await rate_limit.quota(connection, "203.0.113.1", now)
    async with database.write() as connection:
        assert await rate_limit.quota(connection, "203.0.113.1", now) == second != first


async def test_one_key_at_the_same_time_is_one_idea(start: Any) -> None:
    client = await start(idea_rate_limit=1)
    other = await start(client.database, idea_rate_limit=1)
    sends = [
        one.post("/v1/ideas", json=client.idea(), headers={"Idempotency-Key": "at once"})
        for one in (client, other)
        for _ in range(10)
    ]
    answers = await asyncio.gather(*sends)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert client.sql("select count(*) as n from measures.idea") == [{"n": 1}]
    assert client.sql("select count(*) as n from measures.audit") == [{"n": 1}]
    reused = await client.post(
        "/v1/ideas", json=client.idea(text="Anderes"), headers={"Idempotency-Key": "at once"}
    )
    assert reused.status_code == 409


async def test_one_key_from_many_addresses_at_the_same_time_counts_once(start: Any) -> None:
    client = await start(trusted_proxies=("127.0.0.1",))
    sends = [
        client.post(
            "/v1/ideas",
            json=client.idea(),
            headers={**_from(f"203.0.113.{n}"), "Idempotency-Key": "at once"},
        )
        for n in range(1, 21)
    ]
    answers = await asyncio.gather(*sends)
    assert {answer.status_code for answer in answers} == {201}
    assert client.sql("select sum(count)::int as n from measures.client_counter") == [{"n": 1}]
    assert client.sql("select count(*) as n from measures.idea") == [{"n": 1}]


async def test_a_reference_in_use_stores_nothing(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references.secrets, "token_bytes", bytes)
    client = await start()
    assert (await client.post("/v1/ideas", json=client.idea())).status_code == 201
    for key in ({}, {"Idempotency-Key": "mine"}):
        again = await client.post("/v1/ideas", json=client.idea(text="Eine andere"), headers=key)
        assert again.status_code == 503
    assert client.sql("select count(*) as n from measures.idea") == [{"n": 1}]
    assert client.sql("select count(*) as n from measures.idempotency_key") == [{"n": 0}]
    assert client.sql("select sum(count)::int as n from measures.client_counter") == [{"n": 1}]


async def test_a_refused_hand_in_leaves_its_key_free(start: Any) -> None:
    client = await start(idea_rate_limit=1, trusted_proxies=("127.0.0.1",))
    await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.1"))
    key = {"Idempotency-Key": "later"}
    refused = await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.1") | key)
    assert refused.status_code == 429
    later = await client.post("/v1/ideas", json=client.idea(), headers=_from("203.0.113.2") | key)
    assert later.status_code == 201
