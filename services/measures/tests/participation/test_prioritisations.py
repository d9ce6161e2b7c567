"""Weighing ideas over HTTP: sums per idea, and a closed session that never changes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

PATH = "/v1/prioritisations"


def _body(ideas: list[str], **change: Any) -> dict[str, Any]:
    return {
        "region": "05974052",
        "title": "Punkte",
        "method": "dots",
        "ideas": ideas,
        "published": True,
    } | change


async def _votes(client: Any, item: str, *votes: tuple[str, int]) -> Any:
    for idea, value in votes:
        answer = await client.as_("editor").post(
            f"{item}/votes", json={"idea": idea, "value": value}
        )
        assert answer.status_code == 201, answer.text
    return answer


async def test_dots_are_summed_and_ranked(client: Any) -> None:
    one, two, three = [await client.accepted() for _ in range(3)]
    item = (await client.manager.post(PATH, json=_body([one, two, three]))).headers["location"]
    await _votes(client, item, (one, 3), (two, 5), (one, 4))
    found = (await client.get(item)).json()
    assert [(line["idea"], line["rank"], line["total"]) for line in found["results"]] == [
        (one, 1, 7),
        (two, 2, 5),
        (three, 3, 0),
    ]
    assert found["total"] == 12
    # What was given to an idea that goes on in another one counts there.
    assert (
        await client.decide(one, "merge", {"into": two, "reason": "dasselbe"})
    ).status_code == 200
    merged = (await client.get(item)).json()
    assert [(line["idea"], line["total"]) for line in merged["results"]] == [(two, 12), (three, 0)]
    late = await client.manager.post(f"{item}/votes", json={"idea": one, "value": 1})
    assert late.status_code == 409


async def test_a_closed_session_is_immutable(client: Any) -> None:
    one, two = [await client.accepted() for _ in range(2)]
    item = (await client.manager.post(PATH, json=_body([one, two]))).headers["location"]
    await _votes(client, item, (one, 2))
    assert (
        await client.change("POST", f"{item}/close", of=item, by=client.as_("editor"))
    ).status_code == 403
    closed = await client.change("POST", f"{item}/close", of=item)
    assert closed.status_code == 200
    before = (await client.get(item)).json()
    assert before["closed_at"]
    vote = await client.manager.post(f"{item}/votes", json={"idea": one, "value": 1})
    assert vote.status_code == 409
    assert "abgeschlossen" in vote.json()["detail"]
    assert (await client.change("PUT", item, _body([one, two]))).status_code == 409
    assert (await client.change("DELETE", item)).status_code == 409
    assert (await client.change("POST", f"{item}/close", of=item)).status_code == 409
    await client.decide(one, "merge", {"into": two, "reason": "dasselbe"})
    assert (await client.get(item)).json() == before


async def test_a_vote_and_the_closing_at_the_same_time(client: Any) -> None:
    """Whatever comes first: a vote is either in the frozen result or was refused."""
    one = await client.accepted()
    item = (await client.manager.post(PATH, json=_body([one]))).headers["location"]
    etag = await client.etag(item)
    editor, manager = client.as_("editor"), client.manager
    votes = [editor.post(f"{item}/votes", json={"idea": one, "value": 1}) for _ in range(8)]
    answers = await asyncio.gather(
        *votes[:4], manager.post(f"{item}/close", headers={"If-Match": etag}), *votes[4:]
    )
    taken = sum(answer.status_code == 201 for answer in answers)
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert (await client.get(item)).json()["total"] == taken
    assert client.sql(
        f"select count(*) as n from measures.vote where prioritisation_id = '{item.split('/')[-1]}'"
    ) == [{"n": taken}]


async def test_what_is_refused(client: Any) -> None:
    one, fresh = await client.accepted(), await client.submit()
    assert (await client.manager.post(PATH, json=_body([fresh]))).status_code == 422
    assert (await client.manager.post(PATH, json=_body(["KI-0000-0000"]))).status_code == 422
    assert (await client.manager.post(PATH, json=_body([one, one]))).status_code == 422
    assert (await client.manager.post(PATH, json=_body([one], method="lottery"))).status_code == 422
    assert (await client.post(PATH, json=_body([one]))).status_code == 401
    item = (await client.manager.post(PATH, json=_body([one], dots_available=5))).headers[
        "location"
    ]
    for vote, status in (
        ({"idea": fresh, "value": 1}, 422),
        ({"idea": one, "value": 0}, 422),
        ({"idea": one, "value": 1.5}, 422),
        ({"idea": one, "value": 6}, 409),  # more dots than there are
        ({"idea": one, "value": 5}, 201),
        ({"idea": one, "value": 1}, 409),
    ):
        assert (await client.manager.post(f"{item}/votes", json=vote)).status_code == status, vote
    assert (await client.post(f"{item}/votes", json={"idea": one, "value": 1})).status_code == 401
    gone = await client.change("PUT", item, _body([], dots_available=5))
    assert gone.status_code == 409  # it was voted on


@pytest.mark.parametrize(
    ("method", "votes", "mean"), [("yes_no", [1, 1, 0, 1], 0.75), ("score", [5, 4, 3, 4], 4.0)]
)
async def test_other_methods(client: Any, method: str, votes: list[int], mean: float) -> None:
    one = await client.accepted()
    item = (await client.manager.post(PATH, json=_body([one], method=method))).headers["location"]
    await _votes(client, item, *((one, value) for value in votes))
    (line,) = (await client.get(item)).json()["results"]
    assert (line["ballots"], line["mean"]) == (4, mean)


async def test_a_repeated_vote_counts_once(client: Any) -> None:
    one = await client.accepted()
    item = (await client.manager.post(PATH, json=_body([one]))).headers["location"]
    for _ in range(3):
        answer = await client.manager.post(
            f"{item}/votes",
            json={"idea": one, "value": 2},
            headers={"Idempotency-Key": f"vote {item}"},
        )
        assert answer.status_code == 201
    assert (await client.get(item)).json()["total"] == 2
