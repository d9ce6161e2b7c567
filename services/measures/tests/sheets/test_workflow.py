"""Phases, review, publication and archive over HTTP."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import urljoin

from pypdf import PdfReader

from ..conftest import SOEST, WERL, Client, sheet

DECISION = [{"body": "Kreistag", "decided_on": "2026-01-15"}]


async def test_later_edits_stay_invisible_until_published(client: Client) -> None:
    made = await client.made(goal="Erste Fassung.")
    path = f"/v1/measures/{made['id']}"
    assert (await client.get(path)).status_code == 404
    assert (await client.step(made["id"], "publish")).status_code == 200
    assert (await client.get(path)).json()["goal"] == "Erste Fassung."
    await client.changed(made["id"], goal="Zweite Fassung.", number="NEU-1", field="education")
    await client.step(made["id"], "transitions", {"to": "examined"})
    public = (await client.get(path)).json()
    assert (public["goal"], public["number"], public["phase"]) == (
        "Erste Fassung.",
        "MOB-01",
        "idea",
    )
    assert (await client.get("/v1/measures?field=education")).json()["total"] == 0
    assert (await client.get("/v1/measures?q=Zweite")).json()["total"] == 0
    viewer = client.as_("viewer", SOEST)
    assert (await viewer.get(path)).json()["goal"] == "Zweite Fassung."
    assert (await viewer.get(path + "?version=published")).json()["goal"] == "Erste Fassung."
    assert (await viewer.get("/v1/measures?q=Zweite")).json()["total"] == 1
    await client.step(made["id"], "publish")
    public = (await client.get(path)).json()
    assert (public["goal"], public["phase"]) == ("Zweite Fassung.", "examined")


async def test_drafts_are_for_viewers_of_the_region_and_other_services(client: Client) -> None:
    made = await client.made()
    path = f"/v1/measures/{made['id']}"
    assert (await client.as_("viewer", SOEST).get(path)).status_code == 200
    assert (await client.as_("viewer").get(path)).status_code == 200
    assert (await client.as_("viewer", WERL).get(path)).status_code == 404
    assert (await client.as_("method").get(path)).status_code == 404
    assert (await client.as_("service", WERL).get(path)).status_code == 200
    totals = [
        (await client.as_(role, region).get("/v1/measures")).json()["total"]
        for role, region in (
            ("viewer", SOEST),
            ("viewer", WERL),
            ("service", WERL),
            ("method", SOEST),
        )
    ]
    assert totals == [1, 0, 1, 0]


async def test_the_whole_way_with_its_guards_and_history(client: Client) -> None:
    made = await client.made()
    move = {"to": "examined"}
    assert (await client.step(made["id"], "transitions", move)).status_code == 201
    refused = await client.step(made["id"], "transitions", {"to": "decided"})
    assert refused.status_code == 422
    assert "Beschluss" in refused.json()["detail"]
    await client.changed(made["id"], decisions=DECISION)
    for phase in ("decided", "in_preparation", "in_implementation"):
        assert (await client.step(made["id"], "transitions", {"to": phase})).status_code == 201, (
            phase
        )
    # What the phase needs can't be taken away afterwards.
    assert (await client.changed(made["id"], decisions=[])).status_code == 422
    assert (await client.step(made["id"], "transitions", {"to": "completed"})).status_code == 422
    await client.changed(made["id"], actual_end="2026-06-30")
    unevaluated = await client.step(made["id"], "transitions", {"to": "completed"})
    assert (unevaluated.status_code, "Auswertung" in unevaluated.text) == (422, True)
    await client.told(
        made["id"], "evaluations", evaluated_on="2026-07-01", by="Controlling", reference="e 1"
    )
    assert (await client.step(made["id"], "transitions", {"to": "completed"})).status_code == 201
    rows = (await client.as_("viewer").get(f"/v1/measures/{made['id']}/transitions")).json()[
        "items"
    ]
    assert [row["to_phase"] for row in rows] == [
        "examined",
        "decided",
        "in_preparation",
        "in_implementation",
        "completed",
    ]
    assert all(row["by"] == "test" for row in rows)


async def test_evidence_comes_from_controlling_and_from_nobody_else(client: Client) -> None:
    """No way of writing a sheet brings in an evaluation or a report, changes one or takes one
    away."""
    evaluation = {"evaluated_on": "2026-07-01", "by": "Ich selbst"}
    report = {"reported_on": "2026-07-01", "assessment": "on_track"}
    manager = client.as_("manager")
    made = await client.made()
    path = f"/v1/measures/{made['id']}"
    for name, row in (("evaluations", evaluation), ("status_reports", report)):
        refused = [
            await manager.post("/v1/measures", json=sheet(number="X", **{name: [row]})),
            await client.changed(made["id"], **{name: [row]}),
            await manager.put(
                path,
                json=sheet(**{name: [row]}),
                headers={"If-Match": await client.etag(made["id"])},
            ),
        ]
        assert [answer.status_code for answer in refused] == [403, 403, 403], refused[0].text
        assert [answer.json()["errors"][0]["pointer"] for answer in refused] == [
            f"/body/{name}"
        ] * 3
        file = {
            "file": ("k.json", json.dumps([sheet(number="Y", **{name: [row]})]), "application/json")
        }
        imported = await manager.post("/v1/measures/imports?dry_run=false", files=file)
        assert (imported.status_code, imported.json()["errors"][0]["pointer"]) == (
            422,
            f"/line/1/{name}",
        )
    assert client.rows("select revision from measures.measure") == [{"revision": 1}]

    # What was told stays through a replacement and an import that do not name it, and can't be
    # taken away.
    await client.told(made["id"], "evaluations", **evaluation, reference="e 1")
    await client.told(made["id"], "status-reports", **report)
    told = (await client.as_("viewer").get(path)).json()
    assert [(e["by"], e["reference"]) for e in told["evaluations"]] == [("Ich selbst", "e 1")]
    assert (await client.changed(made["id"], evaluations=[])).status_code == 403
    assert (await client.changed(made["id"], status_reports=None)).status_code == 403
    headers = {"If-Match": await client.etag(made["id"])}
    assert (
        await manager.put(path, json=sheet(title="Ersetzt"), headers=headers)
    ).status_code == 200
    file = {"file": ("k.json", json.dumps([sheet(title="Eingeführt")]), "application/json")}
    assert (await manager.post("/v1/measures/imports?dry_run=false", files=file)).json()[
        "changed"
    ] == 1
    after = (await client.as_("viewer").get(path)).json()
    assert after["title"] == "Eingeführt"
    assert [after[n] for n in ("evaluations", "status_reports")] == [
        told[n] for n in ("evaluations", "status_reports")
    ]
    # Sent back as it was read, it is no change of it.
    assert (
        await client.changed(made["id"], evaluations=after["evaluations"], goal="x")
    ).status_code == 200


async def test_exits_need_what_they_need(client: Client) -> None:
    a, b = await client.made(number="A"), await client.made(number="B")
    assert (await client.step(a["id"], "transitions", {"to": "rejected"})).status_code == 422
    assert (await client.step(a["id"], "transitions", {"to": "replaced"})).status_code == 422
    assert (await client.step(a["id"], "transitions", {"to": "merged"})).status_code == 422
    await client.changed(b["id"], links=[{"kind": "supersedes", "measure": a["id"]}])
    assert (await client.step(a["id"], "transitions", {"to": "replaced"})).status_code == 201
    answer = await client.step(
        b["id"], "transitions", {"to": "postponed", "reason": "Kein Personal"}
    )
    assert answer.status_code == 201
    future = await client.step(b["id"], "transitions", {"to": "idea", "effective_on": "2999-01-01"})
    assert future.status_code == 422


async def test_a_replaced_measure_and_its_successor_show_each_other(client: Client) -> None:
    old = await client.published(number="ALT")
    new = await client.made(number="NEU", links=[{"kind": "supersedes", "measure": old["id"]}])
    await client.step(old["id"], "transitions", {"to": "replaced"})
    # As long as the old one is replaced, it has a successor.
    assert (await client.changed(new["id"], links=[])).status_code == 422
    headers = {"If-Match": await client.etag(new["id"])}
    assert (
        await client.as_("manager").delete(f"/v1/measures/{new['id']}", headers=headers)
    ).status_code == 409
    for measure in (old, new):
        await client.step(measure["id"], "publish")
    related = [
        (await client.get(f"/v1/measures/{m['id']}")).json()["related"][0] for m in (old, new)
    ]
    assert [(r["id"], r["kind_label"]) for r in related] == [
        (new["id"], "ersetzt durch"),
        (old["id"], "ersetzt"),
    ]
    page = await client.get(f"/v1/measures/{old['id']}/sheet")
    found = re.search(r'ersetzt durch: <a href="([^"]+)">NEU', page.text)
    assert found is not None, page.text
    successor = await client.get(urljoin(str(page.url), found[1]))
    assert successor.status_code == 200
    assert 'ersetzt: <a href="' in successor.text
    printed = PdfReader(
        io.BytesIO((await client.get(f"/v1/measures/{old['id']}/sheet.pdf")).content)
    )
    assert "ersetzt durch: NEU" in "".join(page.extract_text() for page in printed.pages)
    # With another successor the first one is free.
    await client.made(number="NEU-2", links=[{"kind": "supersedes", "measure": old["id"]}])
    assert (await client.changed(new["id"], links=[])).status_code == 200


async def test_a_repeated_move_is_made_once(client: Client) -> None:
    made = await client.made()
    headers = {"If-Match": await client.etag(made["id"]), "Idempotency-Key": "m1"}
    path = f"/v1/measures/{made['id']}/transitions"
    for _ in range(2):
        answer = await client.as_("manager").post(path, json={"to": "examined"}, headers=headers)
        assert answer.status_code == 201
    assert len(client.rows("select * from measures.measure_transition")) == 1


async def test_review_withdraw_archive(client: Client) -> None:
    made = await client.published()
    path = f"/v1/measures/{made['id']}"
    assert (await client.step(made["id"], "review")).status_code == 409
    await client.changed(made["id"], goal="x")
    assert (await client.step(made["id"], "review", role="editor")).json()[
        "editorial"
    ] == "in_review"
    assert (await client.step(made["id"], "withdraw", role="editor")).json()["editorial"] == "draft"
    assert (await client.step(made["id"], "archive")).json()["editorial"] == "archived"
    assert (await client.get(path)).status_code == 404
    assert (await client.get("/v1/measures")).json()["total"] == 0
    viewer = client.as_("viewer")
    assert (await viewer.get("/v1/measures")).json()["total"] == 0
    assert (await viewer.get("/v1/measures?editorial=archived")).json()["total"] == 1
    assert (await client.changed(made["id"], goal="y")).status_code == 409
    headers = {"If-Match": await client.etag(made["id"])}
    assert (await client.as_("manager").delete(path, headers=headers)).status_code == 409
    assert (await client.step(made["id"], "withdraw")).status_code == 200
    assert (await client.step(made["id"], "publish")).status_code == 200
    assert (await client.get(path)).status_code == 200


async def test_steps_need_the_present_version(client: Client) -> None:
    made = await client.made()
    path = f"/v1/measures/{made['id']}/publish"
    assert (await client.as_("manager").post(path)).status_code == 428
    old = {"If-Match": await client.etag(made["id"])}
    await client.changed(made["id"], goal="x")
    assert (await client.as_("manager").post(path, headers=old)).status_code == 412


async def test_status_and_priority_are_explained(client: Client) -> None:
    scores = [
        {"criterion": c, "points": 4, "reason": "x"} for c in ("saving", "feasibility", "influence")
    ]
    made = await client.made(
        scores=scores,
        status_override={"status": "at_risk", "reason": "x", "expires_on": "2999-01-01"},
    )
    assert (made["status"], made["priority"]) == ("at_risk", "high")
    assert "Von Hand" in made["explanations"]["status"]["rule"]
    assert made["explanations"]["priority"]["inputs"]["weighted_mean"] == 4.0
    english = await client.as_("viewer").get(
        f"/v1/measures/{made['id']}", headers={"Accept-Language": "en"}
    )
    assert "Set by hand" in english.json()["explanations"]["status"]["rule"]


async def test_the_horizon_follows_the_date_of_the_concept(client: Client) -> None:
    made = await client.made(
        planned_start="2029-01-01", planned_end="2030-01-01", horizon_stated="short"
    )
    assert made["horizon"] == "short"
    concept = {"code": "2.0", "title": "Konzept", "decided_on": "2024-01-01"}
    assert (await client.as_("manager").post("/v1/concepts", json=concept)).status_code == 201
    listed = (await client.as_("viewer").get("/v1/measures?horizon=medium")).json()["items"]
    assert [m["id"] for m in listed] == [made["id"]]


async def test_a_strategy_rolls_its_measures_up(client: Client) -> None:
    strategy = (
        await client.as_("manager").post(
            "/v1/strategies", json={"code": "h2", "title": "Wasserstoff"}
        )
    ).json()
    await client.published(number="A", strategy=strategy["id"])
    await client.made(number="B", strategy=strategy["id"])
    path = f"/v1/strategies/{strategy['id']}/rollup"
    public = (await client.get(path)).json()
    assert (public["total"], public["phases"], public["statuses"]) == (
        1,
        {"idea": 1},
        {"not_started": 1},
    )
    assert (await client.as_("viewer").get(path)).json()["total"] == 2


async def test_revisions_and_history_are_lists_with_pages(client: Client) -> None:
    made = await client.made()
    for n in range(4):
        await client.changed(made["id"], goal=f"Fassung {n}.")
    viewer = client.as_("viewer")
    for name in ("revisions", "history"):
        address, found = f"/v1/measures/{made['id']}/{name}?limit=2", []
        while address:
            answer = await viewer.get(address)
            found += [entry["revision"] for entry in answer.json()["items"]]
            link = answer.headers.get("link")
            address = link.split(">")[0].removeprefix("<") if link else ""
        assert found == [5, 4, 3, 2, 1]
        since = {"modified_since": "2999-01-01T00:00:00Z"}
        assert (await viewer.get(f"/v1/measures/{made['id']}/{name}", params=since)).json()[
            "items"
        ] == []
    old = (await viewer.get(f"/v1/measures/{made['id']}/revisions/2")).json()
    assert old["sheet"]["goal"] == "Fassung 0."
    assert (await viewer.get(f"/v1/measures/{made['id']}/revisions/99")).status_code == 404
