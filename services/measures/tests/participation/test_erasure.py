"""Deletion and pseudonymisation on request, and retention: nothing personal is left anywhere, the
trail is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from klima_measures.participation.actions.erasure import (
    REMOVED,
    Removed,
    apply_retention,
    without_contacts,
)
from klima_measures.participation.model.ideas import Periods

NAME = "Erika Beispielfrau"


def _everything(client: Any) -> str:
    """The text of all tables of the service, files in packages left out."""
    tables = [
        row["t"]
        for row in client.sql("select tablename as t from pg_tables where schemaname = 'measures'")
    ]
    columns = "to_jsonb(x) - 'content'"
    texts = [
        str(client.sql(f"select {columns} as row from measures.{table} x")) for table in tables
    ]
    bodies = client.sql("select encode(body, 'escape') as body from measures.idempotency_key")
    return "".join(texts) + str(bodies)


async def _erase(client: Any, reference: str, **body: Any) -> Any:
    path = f"/v1/ideas/{reference}"
    headers = {"If-Match": await client.etag(path)}
    return await client.manager.post(
        f"{path}/erasure", json={"request": "Vorgang 2026-117", **body}, headers=headers
    )


async def test_a_deleted_idea_leaves_nothing_but_its_trail(start: Any) -> None:
    client = await start()
    body = client.idea(text=f"{NAME} soll ihr Dach begrünen")
    answer = await client.post("/v1/ideas", json=body, headers={"Idempotency-Key": "once"})
    reference = answer.json()["reference"]
    await client.decide(
        reference, "moderation", {"state": "accepted", "reason": f"Mit {NAME} gesprochen"}
    )
    await client.decide(
        reference, "triage", {"triage": "municipal", "reason": f"{NAME} wohnt hier"}
    )
    await client.decide(reference, "answer", {"answer": f"Liebe {NAME}!"}, method="PUT")
    assert NAME in _everything(client)
    assert body["field"] in str(client.audit("entity = 'idea'"))
    erased = await _erase(client, reference, kind="delete")
    assert erased.status_code == 200, erased.text
    assert NAME not in _everything(client)
    assert body["group"] not in str(client.audit("entity = 'idea'"))
    trail = client.audit("entity = 'idea'")
    assert body["field"] not in str(trail)
    assert [row["action"] for row in trail] == ["hand_in", "moderate", "triage", "answer", "delete"]
    assert trail[-1]["after"]["request"] == "Vorgang 2026-117"
    state = (await client.get(f"/v1/ideas/{reference}/state")).json()
    assert (state["state"], state["reason"], state["answer"]) == ("erased", None, None)
    assert (await client.get(f"/v1/ideas/{reference}")).status_code == 404
    assert (await client.get("/v1/ideas")).json()["items"] == []
    # The sums still count it, and nothing more can be done to it.
    assert (await client.manager.get("/v1/ideas/sums")).json()["municipal"] == 1
    assert (
        await client.decide(reference, "answer", {"answer": "noch etwas"}, method="PUT")
    ).status_code == 409


async def test_a_pseudonymised_idea_keeps_its_content(start: Any) -> None:
    client = await start()
    first = await client.submit(text=f"{NAME} schlägt Tempo 30 vor")
    answer = await _erase(client, first, kind="pseudonymise", text="Jemand schlägt Tempo 30 vor")
    assert answer.status_code == 200
    second = await client.submit(
        text="Ruft mich an: 02921 / 30-12 34 oder e.b@post.example, Haus 12, Zeile 30"
    )
    await _erase(client, second, kind="pseudonymise")
    everything = _everything(client)
    assert NAME not in everything
    assert "Jemand schlägt Tempo 30 vor" in everything
    text = (await client.manager.get(f"/v1/ideas/{second}")).json()["text"]
    assert text == "Ruft mich an: [entfernt] oder [entfernt], Haus 12, Zeile 30"


@pytest.mark.parametrize("kind", ["delete", "pseudonymise"])
async def test_no_text_of_an_idea_outlives_its_erasure(start: Any, kind: str) -> None:
    """A mark stands in every text column of the idea and of what hangs on it, the person's own
    words and what others wrote about them."""
    client = await start()
    reference = await client.submit(text=f"{NAME} schlägt Tempo 30 vor")
    await client.decide(reference, "moderation", {"state": "accepted", "reason": NAME})
    await client.decide(reference, "triage", {"triage": "municipal", "reason": NAME})
    await client.decide(reference, "answer", {"answer": NAME}, method="PUT")
    sheet = {
        "number": "MOB-09",
        "title": "Tempo 30",
        "level": "municipality",
        "type": "technical",
        "field": "mobility",
        "regions": ["05974040"],
    }
    made = await client.manager.post("/v1/measures", json=sheet)
    assert made.status_code == 201, made.text
    measure = made.headers["location"]
    linked = await client.change(
        "POST",
        f"/v1/ideas/{reference}/measures",
        {"measure": measure.split("/")[-1], "note": NAME},
        of=f"/v1/ideas/{reference}",
    )
    assert linked.status_code in (200, 201), linked.text
    client.sql(f"update measures.idea set topic = '{NAME}' where reference = '{reference}'")
    erased = await _erase(
        client,
        reference,
        kind=kind,
        **({} if kind == "delete" else {"text": "Jemand schlägt Tempo 30 vor"}),
    )
    assert erased.status_code == 200, erased.text
    assert NAME not in _everything(client)
    assert len(client.sql("select 1 as one from measures.idea_measure")) == 1, "the link stays"


async def test_delivered_packages_lose_their_file(start: Any) -> None:
    client = await start()
    dated = {"region": "05974052", "title": "Werkstatt", "starts_at": "2026-03-17T18:00:00+01:00"}
    item = (await client.manager.post("/v1/workshops", json=dated)).headers["location"]
    for state in ("invited", "held", "documented"):
        await client.change("POST", f"{item}/transitions", {"to": state}, of=item)
    body = client.idea(text=f"{NAME} will mitmachen", workshop=item.split("/")[-1])
    reference = (await client.manager.post("/v1/ideas", json=body)).json()["reference"]
    await client.decide(reference, "moderation", {"state": "accepted"})
    path = f"{item}/package"
    await client.manager.post(path)
    await client.change("POST", f"{path}/delivery", {"recipient": "Stadt Werl"}, of=path)
    await client.manager.post(path)  # a draft of the next version
    told = (await _erase(client, reference, kind="delete")).json()["receivers_to_tell"]
    assert [(one["version"], one["recipient"]) for one in told] == [(1, "Stadt Werl")]
    assert (await client.manager.get(f"{path}.zip?version=2")).status_code == 404
    gone = await client.manager.get(f"{path}.zip?version=1")
    assert gone.status_code == 410
    facts = (await client.manager.get(path)).json()
    assert all(facts[name] for name in ("delivered_at", "digest", "removed_at"))
    assert client.sql("select count(*) as n from measures.package where content is not null") == [
        {"n": 0}
    ]


async def test_who_may_erase(client: Any) -> None:
    reference = await client.submit()
    path = f"/v1/ideas/{reference}/erasure"
    body = {"kind": "delete", "request": "Vorgang 1"}
    assert (await client.post(path, json=body)).status_code == 401
    assert (await client.as_("editor").post(path, json=body)).status_code == 403
    assert (await client.manager.post(path, json=body)).status_code == 428
    assert (await _erase(client, reference, kind="delete", text="neuer Text")).status_code == 422
    assert (await _erase(client, reference, kind="shred")).status_code == 422


async def test_what_has_been_kept_long_enough_goes(start: Any) -> None:
    client = await start()
    old, young, open_ = [await client.submit(text=f"{NAME} {n}") for n in range(3)]
    for reference in (old, young):
        await client.decide(reference, "moderation", {"state": "rejected", "reason": "Werbung"})
    age = "now() - interval '200 days'"
    client.sql(
        f"update measures.idea set changed_at = {age}, created_at = {age} where reference in"
        f" ('{old}', '{open_}')"
    )
    await client.post("/v1/ideas", json=client.idea(), headers={"Idempotency-Key": "old"})
    client.sql(f"update measures.idempotency_key set created_at = {age}")
    client.sql(f"update measures.client_counter set window_start = {age}")
    periods = Periods(rejected_ideas=180, author_groups=100, idempotency_keys=7, client_counters=2)
    database, now = client.app.state.database, datetime.now(UTC)
    removed = await apply_retention(database, periods, now)
    assert (removed.rejected_ideas, removed.author_groups) == (1, 1)
    assert (removed.idempotency_keys, removed.client_counters) == (1, 1)
    texts = {
        row["reference"]: row["text"]
        for row in client.sql("select reference, text from measures.idea")
    }
    assert texts[old] is None
    assert texts[young] == f"{NAME} 1"
    assert texts[open_] == f"{NAME} 2"
    assert [row["subject"] for row in client.audit("action = 'delete'")] == ["retention"]
    again = await apply_retention(database, periods, now)
    assert (again.rejected_ideas, again.author_groups) == (0, 0)
    nothing = await apply_retention(
        database, Periods(None, None, None, None, None), now + timedelta(days=9999)
    )
    assert nothing == Removed()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Schreib an a@b.de. Oder +49 170 1234567!", "Schreib an X. Oder X!"),
        ("a@b.c+x@y.de", "X"),
        ("siehe https://u@v.de/x oder www.q.de/p", "siehe X oder X"),
        ("Tel: 0170-1234567, a-0170 1234567", "Tel: X, a-X"),
        ("<max.m@x-y.de>, nix@da, @alle", "<X>, nix@da, @alle"),
    ],
)
def test_contacts_are_taken_out_of_a_text(text: str, expected: str) -> None:
    assert without_contacts(text) == expected.replace("X", REMOVED)
