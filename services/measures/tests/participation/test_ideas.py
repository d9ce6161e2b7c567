"""Ideas over HTTP: hand-in by anybody, moderation, merging, triage, what the citizen reads."""

from __future__ import annotations

from typing import Any

import pytest

COUNTY, WERL, SOEST = "05974000", "05974052", "05974040"


async def test_anybody_hands_in_and_looks_the_state_up(client: Any) -> None:
    answer = await client.post("/v1/ideas", json=client.idea())
    assert answer.status_code == 201
    receipt = answer.json()
    assert set(receipt) == {"reference", "state"}
    assert receipt["state"] == "new"
    state = await client.get(answer.headers["location"])
    assert state.status_code == 200
    assert (
        state.json()
        | {"reference": receipt["reference"], "state": "new", "reason": None, "answer": None}
        == state.json()
    )
    assert client.idea()["text"] not in state.text


async def test_public_only_after_moderation(client: Any) -> None:
    reference = (
        await client.post("/v1/ideas", json=client.idea(text="Schwimmende Solaranlage am Möhnesee"))
    ).json()["reference"]
    assert (await client.get(f"/v1/ideas/{reference}")).status_code == 404
    assert reference not in (await client.get("/v1/ideas?limit=200")).text
    assert (await client.manager.get(f"/v1/ideas/{reference}")).status_code == 200
    assert (await client.decide(reference, "moderation", {"state": "accepted"})).status_code == 200
    assert (await client.get(f"/v1/ideas/{reference}")).json()[
        "text"
    ] == "Schwimmende Solaranlage am Möhnesee"
    assert (await client.get(f"/v1/ideas/{reference}/state")).json()["state"] == "accepted"


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"consent": False}, 422, "/body/consent"),
        ({"consent": None}, 422, "/body/consent"),
        ({"consent": "true"}, 422, "/body/consent"),
        ({"text": "<script>alert(1)</script>"}, 422, "/body/text"),
        ({"text": "x" * 100_000}, 422, "/body/text"),
        ({"text": "   \n "}, 422, "/body/text"),
        ({"text": "…!?"}, 422, "/body/text"),
        ({"text": 42}, 422, "/body/text"),
        ({"text": "Null\x00byte"}, 422, "/body/text"),
        ({"text": "https://a.example " * 5}, 422, "/body/text"),
        ({"region": 5974052}, 422, "/body/region"),
        ({"region": "5974052"}, 422, "/body/region"),
        ({"region": "05111000"}, 422, "/body/region"),
        ({"field": "unknown"}, 422, "/body/field"),
        ({"group": "friends"}, 422, "/body/group"),
        ({"website": "https://spam.example"}, 422, "/body/website"),
        ({"form_token": "1.abc"}, 422, "/body/form_token"),
        ({"name": "somebody"}, 422, "/body/name"),
        ({"channel": "workshop"}, 401, None),
    ],
)
async def test_clear_refusals(
    client: Any, change: dict[str, Any], status: int, pointer: str | None
) -> None:
    answer = await client.post("/v1/ideas", json=client.idea() | change)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer:
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_consent_must_be_there(client: Any) -> None:
    body = client.idea()
    del body["consent"]
    assert (await client.post("/v1/ideas", json=body)).status_code == 422


async def test_refusals_are_german_or_english(client: Any) -> None:
    body = client.idea() | {"consent": False}
    assert "Einwilligung" in (await client.post("/v1/ideas", json=body)).json()["detail"]
    english = await client.post("/v1/ideas", json=body, headers={"Accept-Language": "en"})
    assert "Without consent" in english.json()["detail"]


async def test_more_than_a_megabyte_is_not_read(client: Any) -> None:
    assert (
        await client.post("/v1/ideas", json=client.idea(text="x" * (1 << 20)))
    ).status_code == 413


async def test_a_repeat_with_the_same_key_is_the_same_idea(client: Any) -> None:
    headers = {"Idempotency-Key": "once-only-1"}
    first = await client.post("/v1/ideas", json=client.idea(), headers=headers)
    again = await client.post("/v1/ideas", json=client.idea(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await client.post("/v1/ideas", json=client.idea(text="Etwas anderes"), headers=headers)
    assert other.status_code == 409


async def test_moderation_and_triage_need_reasons_and_order(client: Any) -> None:
    reference = await client.submit()
    assert (
        await client.decide(reference, "triage", {"triage": "municipal", "reason": "x1"})
    ).status_code == 409
    assert (await client.decide(reference, "moderation", {"state": "rejected"})).status_code == 422
    assert (await client.decide(reference, "moderation", {"state": "merged"})).status_code == 422
    assert (await client.decide(reference, "moderation", {"state": "accepted"})).status_code == 200
    for body in (
        {"triage": "municipal"},
        {"triage": "municipal", "reason": ""},
        {"triage": "municipal", "reason": " . "},
    ):
        answer = await client.decide(reference, "triage", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/body/reason"
    decided = await client.decide(
        reference, "triage", {"triage": "municipal", "reason": "Nur die Innenstadt"}
    )
    assert decided.json()["state"] == "municipal"
    state = (await client.get(f"/v1/ideas/{reference}/state")).json()
    assert (state["state"], state["reason"], state["final"]) == (
        "municipal",
        "Nur die Innenstadt",
        True,
    )


async def test_a_mail_address_is_not_published(client: Any) -> None:
    reference = await client.submit(
        text="Schreibt mir an e.beispiel@post.example, dann baue ich mit."
    )
    refused = await client.decide(reference, "moderation", {"state": "accepted"})
    assert refused.status_code == 409
    assert "pseudonymisieren" in refused.json()["detail"]
    body = {"kind": "pseudonymise", "request": "Moderation"}
    assert (await client.decide(reference, "erasure", body)).status_code == 200
    assert (await client.decide(reference, "moderation", {"state": "accepted"})).status_code == 200


async def test_a_region_that_the_registry_does_not_know(start: Any) -> None:
    client = await start()
    client.sql(
        "insert into measures.region (ags, name, kind, parent) values ('05974052', 'Werl',"
        " 'municipality', '05974000')"
    )
    assert (await client.post("/v1/ideas", json=client.idea())).status_code == 201
    unknown = await client.post("/v1/ideas", json=client.idea(region="05974999"))
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/body/region"
    assert (await client.post("/v1/ideas", json=client.idea(region="05974"))).status_code == 201


async def test_decisions_need_the_present_state(client: Any) -> None:
    reference = await client.submit()
    path = f"/v1/ideas/{reference}/moderation"
    without = await client.manager.post(path, json={"state": "accepted"})
    assert without.status_code == 428
    stale = await client.manager.post(
        path, json={"state": "accepted"}, headers={"If-Match": '"stale-1"'}
    )
    assert stale.status_code == 412
    english = (
        await client.manager.get(f"/v1/ideas/{reference}", headers={"Accept-Language": "en"})
    ).headers["etag"]
    assert (
        await client.manager.post(path, json={"state": "accepted"}, headers={"If-Match": english})
    ).status_code == 200


async def test_who_may_decide(client: Any) -> None:
    reference = await client.submit()
    for who, status in (
        (client, 401),
        (client.as_("editor", WERL), 403),
        (client.as_("manager", SOEST), 404),  # who may not read it learns nothing of it
        (client.as_("manager", WERL), 200),
    ):
        answer = await client.decide(reference, "moderation", {"state": "accepted"}, by=who)
        assert answer.status_code == status


async def test_a_merged_idea_goes_on_in_the_other(client: Any) -> None:
    one, two, three = [await client.accepted() for _ in range(3)]
    merged = await client.decide(one, "merge", {"into": two, "reason": "Derselbe Vorschlag"})
    assert merged.status_code == 200
    assert merged.json()["merged_into"] == two
    assert (
        await client.decide(two, "merge", {"into": one, "reason": "zurück"})
    ).status_code == 409  # no cycle
    assert (await client.decide(two, "merge", {"into": two, "reason": "selbst"})).status_code == 422
    assert (
        await client.decide(two, "merge", {"into": "KI-0000-0000", "reason": "fehlt"})
    ).status_code == 422
    # What went into two goes along when two goes into three.
    assert (
        await client.decide(two, "merge", {"into": three, "reason": "auch das"})
    ).status_code == 200
    await client.decide(three, "triage", {"triage": "intermunicipal", "reason": "Mehrere Orte"})
    await client.decide(three, "answer", {"answer": "Der Kreis plant das gemeinsam."}, method="PUT")
    state = (await client.get(f"/v1/ideas/{one}/state")).json()
    assert (state["state"], state["continued_in"], state["reason"]) == (
        "merged",
        three,
        "Derselbe Vorschlag",
    )
    assert state["answer"] == "Der Kreis plant das gemeinsam."
    assert (
        await client.decide(three, "moderation", {"state": "rejected", "reason": "doch nicht"})
    ).status_code == 409


async def test_sums_agree_and_concepts_see_their_own(client: Any) -> None:
    region = "05974048"
    manager = client.as_("manager", COUNTY)
    ideas = [await client.accepted(region=region) for _ in range(5)]
    rejected = await client.submit(region=region)
    await client.decide(rejected, "moderation", {"state": "rejected", "reason": "Werbung"})
    await client.decide(ideas[0], "triage", {"triage": "municipal", "reason": "Nur hier"})
    await client.decide(ideas[1], "triage", {"triage": "intermunicipal", "reason": "Zwei Orte"})
    await client.decide(
        ideas[2], "triage", {"triage": "out_of_scope", "reason": "Sache des Bundes"}
    )
    await client.decide(ideas[3], "merge", {"into": ideas[1], "reason": "Dasselbe"})
    sums = (await manager.get(f"/v1/ideas/sums?region={region}")).json()
    assert sums["ideas"] == 6
    assert (sums["municipal"], sums["intermunicipal"], sums["out_of_scope"], sums["undecided"]) == (
        1,
        2,
        2,
        1,
    )
    county = (await manager.get(f"/v1/ideas?concept=05974&region={region}")).json()["items"]
    assert {item["reference"] for item in county} == {ideas[1], ideas[3]}
    own = (await client.get(f"/v1/ideas?concept={region}")).json()["items"]
    assert [item["reference"] for item in own] == [ideas[0]]


async def test_lists_page_by_cursor_and_show_the_public_nothing_else(client: Any) -> None:
    region = "05974024"
    references = [await client.accepted(region=region) for _ in range(5)]
    await client.submit(region=region)
    first = await client.get(f"/v1/ideas?region={region}&limit=2")
    seen = [item["reference"] for item in first.json()["items"]]
    while 'rel="next"' in first.headers.get("link", ""):
        first = await client.get(first.headers["link"].split(">")[0].lstrip("<"))
        seen += [item["reference"] for item in first.json()["items"]]
    assert seen == references
    everything = (await client.manager.get(f"/v1/ideas?region={region}")).json()["items"]
    assert len(everything) == 6
    # A region in a token is nothing without the role that reads drafts there.
    for who in (client.as_("method"), client.as_("viewer", SOEST)):
        assert len((await who.get(f"/v1/ideas?region={region}")).json()["items"]) == 5
    assert (await client.get("/v1/ideas?cursor=bm9uc2Vuc2U")).status_code == 422
    assert (await client.get("/v1/ideas?modified_since=2999-01-01T00:00:00Z")).json()["items"] == []


async def test_the_audit_knows_every_step_but_no_text(client: Any) -> None:
    reference = await client.submit(text="Mein Nachbar Beispiel-Müller soll sein Auto teilen")
    await client.decide(
        reference, "moderation", {"state": "rejected", "reason": "Nennt einen Menschen"}
    )
    rows = client.audit(f"after->>'reference' = '{reference}'")
    assert [row["action"] for row in rows] == ["hand_in", "moderate"]
    assert [row["subject"] for row in rows] == ["anonymous", "test"]
    assert "Müller" not in str(rows)
    assert rows[1]["before"]["moderation"] == "new"
    assert rows[1]["after"]["moderation"] == "rejected"
