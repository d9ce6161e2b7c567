"""Writing measures over HTTP: who may, what is refused, nothing lost, everything recorded."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from ..conftest import LIPPSTADT, SOEST, WERL, Client, sheet


async def test_a_measure_is_created_read_changed_and_deleted(client: Client) -> None:
    made = await client.as_("editor").post("/v1/measures", json=sheet())
    assert made.status_code == 201
    path = made.headers["location"]
    read = await client.as_("editor").get(path)
    assert read.json()["title"] == "Radnetz schließen"
    assert read.json()["revision"] == 1
    assert made.headers["etag"].strip('"') == read.headers["etag"].strip('"').split(";")[0]
    put = await client.as_("editor").put(
        path, json=sheet(goal="Neu."), headers={"If-Match": read.headers["etag"]}
    )
    assert (put.status_code, put.json()["goal"], put.json()["revision"]) == (200, "Neu.", 2)
    gone = await client.as_("editor").delete(path, headers={"If-Match": put.headers["etag"]})
    assert gone.status_code == 204
    assert (await client.as_("editor").get(path)).status_code == 404
    actions = [
        row["action"] for row in client.rows("select action from measures.audit order by id")
    ]
    assert actions == ["create", "change", "delete"]


async def test_the_example_of_the_openapi_document_can_be_sent(client: Client) -> None:
    document = (await client.get("/openapi.json")).json()
    body = document["paths"]["/v1/measures"]["post"]["requestBody"]["content"]["application/json"]
    answer = await client.as_("editor").post(
        "/v1/measures", json=body["examples"]["sheet"]["value"]
    )
    assert answer.status_code == 201, answer.text


async def test_two_editors_do_not_lose_an_edit(client: Client) -> None:
    made = await client.made()
    path, etag = f"/v1/measures/{made['id']}", await client.etag(made["id"])
    first = await client.as_("editor").patch(path, json={"goal": "A"}, headers={"If-Match": etag})
    second = await client.as_("editor").patch(path, json={"notes": "B"}, headers={"If-Match": etag})
    assert (first.status_code, second.status_code) == (200, 412)
    again = await client.as_("editor").patch(
        path, json={"notes": "B"}, headers={"If-Match": second.headers["etag"]}
    )
    assert (again.json()["goal"], again.json()["notes"]) == ("A", "B")
    without = await client.as_("editor").patch(path, json={"goal": "C"})
    assert without.status_code == 428


async def test_a_repeated_creation_answers_the_first(client: Client) -> None:
    key = {"Idempotency-Key": "k1"}
    editor = client.as_("editor")
    first = await editor.post("/v1/measures", json=sheet(), headers=key)
    again = await editor.post("/v1/measures", json=sheet(), headers=key)
    assert first.json()["id"] == again.json()["id"]
    assert len(client.rows("select id from measures.measure")) == 1
    assert (
        await editor.post("/v1/measures", json=sheet(title="Anders"), headers=key)
    ).status_code == 409


@pytest.mark.parametrize(
    ("role", "region", "regions", "expected"),
    [
        ("editor", SOEST, [SOEST], 201),
        ("editor", LIPPSTADT, [SOEST], 403),
        ("viewer", SOEST, [SOEST], 403),
        ("method", SOEST, [SOEST], 403),
        ("editor", SOEST, [SOEST, LIPPSTADT], 403),
        ("editor", "05974", [SOEST], 201),
        ("editor", "05978", [SOEST], 403),
    ],
)
async def test_who_may_create_where(
    client: Client, role: str, region: str, regions: list[str], expected: int
) -> None:
    answer = await client.as_(role, region).post("/v1/measures", json=sheet(regions=regions))
    assert answer.status_code == expected, answer.text


async def test_nobody_may_write(client: Client) -> None:
    assert (await client.post("/v1/measures", json=sheet())).status_code == 401
    made = await client.made()
    for step in ("publish", "archive", "review", "withdraw", "transitions"):
        answer = await client.post(
            f"/v1/measures/{made['id']}/{step}", json={"to": "examined"}, headers={"If-Match": "*"}
        )
        assert answer.status_code == 401, step


async def test_a_foreign_editor_changes_nothing(client: Client) -> None:
    made = await client.made()
    etag = {"If-Match": await client.etag(made["id"])}
    foreign = client.as_("editor", LIPPSTADT)
    path = f"/v1/measures/{made['id']}"
    # A draft of others is not there for him; what is published he may read and not write.
    assert (await foreign.patch(path, json={"goal": "x"}, headers=etag)).status_code == 404
    assert (await client.step(made["id"], "publish")).status_code == 200
    etag = {"If-Match": await client.etag(made["id"])}
    assert (await foreign.patch(path, json={"goal": "x"}, headers=etag)).status_code == 403
    # Nor may one take a measure over, or give one's own away to a region one has no right in.
    own = await client.as_("editor", LIPPSTADT).post(
        "/v1/measures", json=sheet(number="L-1", regions=[LIPPSTADT])
    )
    given = await foreign.patch(
        own.headers["location"],
        json={"regions": [SOEST]},
        headers={"If-Match": own.headers["etag"]},
    )
    assert given.status_code == 403


@pytest.mark.parametrize("step", ["publish", "archive", "transitions"])
async def test_publishing_and_phases_are_the_managers(client: Client, step: str) -> None:
    made = await client.made()
    answer = await client.step(
        made["id"], step, {"to": "examined"} if step == "transitions" else None, role="editor"
    )
    assert answer.status_code == 403


MANY = "x" * 900_000


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": MANY}, "/body/title"),
        ({"title": "<script>alert(1)</script>"}, "/body/title"),
        ({"goal": "<img src=x onerror=alert(1)>"}, "/body/goal"),
        ({"steps": [{"title": "<b>fett</b>"}]}, "/body/steps/0/title"),
        ({"field": "nonsense"}, "/body/field"),
        ({"regions": ["05974999"]}, "/body/regions/0"),
        ({"regions": ["5974040"]}, "/body/regions/0"),
        ({"regions": [5974040]}, "/body/regions/0"),
        (
            {"costs": [{"year": 2027, "kind": "staff", "amount_eur": "-0.01"}]},
            "/body/costs/0/amount_eur",
        ),
        (
            {"costs": [{"year": "2027", "kind": "staff", "amount_eur": "1.00"}]},
            "/body/costs/0/year",
        ),
        (
            {"milestones": [{"title": "M", "due": "2027-01-01", "state": "done"}]},
            "/body/milestones/0",
        ),
        ({"funding": [{"programme": str(uuid4())}]}, "/body/funding/0/programme"),
        ({"strategy": str(uuid4())}, "/body/strategy"),
        ({"quarter": str(uuid4())}, "/body/quarter"),
        ({"links": [{"kind": "depends_on", "measure": str(uuid4())}]}, "/body/links/0/measure"),
        ({"id": str(uuid4())}, "/body/id"),
    ],
)
async def test_bad_input_is_a_clear_problem_and_changes_nothing(
    client: Client, change: dict[str, Any], pointer: str
) -> None:
    made = await client.made(number="OK-1")
    before = client.rows("select * from measures.measure_revision")
    created = await client.as_("editor").post("/v1/measures", json=sheet(**change))
    changed = await client.changed(made["id"], **change)
    for answer in (created, changed):
        assert answer.status_code == 422, answer.text[:500]
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert pointer in [error["pointer"] for error in problem["errors"]]
        assert len(answer.content) < 5000
    assert client.rows("select * from measures.measure_revision") == before


async def test_more_than_a_mebibyte_is_refused(client: Client) -> None:
    answer = await client.as_("editor").post("/v1/measures", json=sheet(title="x" * (1 << 20)))
    assert answer.status_code == 413


async def test_a_number_is_unique_in_its_concept(client: Client) -> None:
    await client.made()
    again = await client.as_("editor").post("/v1/measures", json=sheet())
    assert again.status_code == 409
    other = await client.made(concept="2012")
    assert (await client.changed(other["id"], concept="2.0")).status_code == 409


async def test_links_close_no_circle(client: Client) -> None:
    a = await client.made(number="A")
    b = await client.made(number="B", links=[{"kind": "depends_on", "measure": a["id"]}])
    c = await client.made(number="C", links=[{"kind": "depends_on", "measure": b["id"]}])
    closed = await client.changed(a["id"], links=[{"kind": "depends_on", "measure": c["id"]}])
    assert closed.status_code == 422
    assert "A → C → B → A" in closed.json()["detail"]
    itself = await client.changed(a["id"], links=[{"kind": "depends_on", "measure": a["id"]}])
    assert itself.status_code == 422
    assert (
        await client.changed(a["id"], links=[{"kind": "accompanies", "measure": c["id"]}])
    ).status_code == 200
    seen = (await client.as_("viewer").get(f"/v1/measures/{c['id']}")).json()["related"]
    assert {(r["number"], r["kind"], r["incoming"]) for r in seen} == {
        ("B", "depends_on", False),
        ("A", "accompanies", True),
    }


async def test_a_measure_that_others_link_to_is_not_deleted(client: Client) -> None:
    a = await client.made(number="A")
    await client.made(number="B", links=[{"kind": "depends_on", "measure": a["id"]}])
    headers = {"If-Match": await client.etag(a["id"])}
    answer = await client.as_("editor").delete(f"/v1/measures/{a['id']}", headers=headers)
    assert answer.status_code == 409
    assert "B" in answer.json()["detail"]


async def test_funding_needs_a_programme_that_is_offered(client: Client) -> None:
    manager = client.as_("manager")
    old = await manager.post(
        "/v1/funding-programmes", json={"code": "alt", "title": "Alt", "valid_to": "2020-12-31"}
    )
    new = await manager.post(
        "/v1/funding-programmes", json={"code": "neu", "title": "Neu", "valid_from": "2020-01-01"}
    )
    refused = await manager.post(
        "/v1/measures", json=sheet(funding=[{"programme": old.json()["id"]}])
    )
    assert refused.status_code == 422
    assert "ausgelaufen" in refused.json()["detail"]
    made = await client.made(funding=[{"programme": new.json()["id"]}])
    # Granted money stays granted after the programme has ended, and a sheet stays savable when one
    # expires.
    granted = await client.made(
        number="G", funding=[{"programme": old.json()["id"], "state": "granted"}]
    )
    ended = {"code": "neu", "title": "Neu", "valid_from": "2020-01-01", "valid_to": "2021-01-01"}
    etag = {"If-Match": new.headers["etag"]}
    assert (await manager.put(new.headers["location"], json=ended, headers=etag)).status_code == 200
    for one in (made, granted):
        assert (await client.changed(one["id"], goal="Anders.")).status_code == 200
    offered = [p["code"] for p in (await client.get("/v1/funding-programmes")).json()["items"]]
    assert offered == []
    everything = [
        p["code"] for p in (await client.get("/v1/funding-programmes?all=true")).json()["items"]
    ]
    assert everything == ["alt", "neu"]


async def test_the_history_shows_who_changed_what(client: Client) -> None:
    made = await client.made(goal="Alt.")
    headers = {"If-Match": await client.etag(made["id"])}
    anna = client.as_("editor", SOEST, subject="anna")
    await anna.patch(f"/v1/measures/{made['id']}", json={"goal": "Neu."}, headers=headers)
    newest = (await client.as_("viewer").get(f"/v1/measures/{made['id']}/history")).json()["items"][
        0
    ]
    assert (newest["by"], newest["action"]) == ("anna", "change")
    assert newest["changes"] == [{"pointer": "/goal", "before": "Alt.", "after": "Neu."}]
    row = client.rows("select * from measures.audit order by id desc limit 1")[0]
    assert (row["subject"], row["before"]["goal"], row["after"]["goal"]) == ("anna", "Alt.", "Neu.")


async def test_a_further_field_is_known_only_by_configuration(
    client: Client, open_client: Any
) -> None:
    assert (
        await client.as_("editor").post("/v1/measures", json=sheet(field="health"))
    ).status_code == 422
    more = open_client(
        client.database, further_fields=({"code": "health", "de": "Gesundheit", "en": "Health"},)
    )
    assert (
        await more.as_("editor").post("/v1/measures", json=sheet(field="health"))
    ).status_code == 201
    labels = [f["label"] for f in (await more.get("/v1/fields-of-action")).json()["items"]]
    assert labels[-1] == "Gesundheit"


async def test_a_measure_from_a_template(client: Client) -> None:
    manager = client.as_("manager")
    template = await manager.post(
        "/v1/templates",
        json={
            "code": "bau",
            "title": "Bau",
            "steps": [
                {"title": "Planen", "months": 6},
                {"title": "Bauen", "starts_after_months": 6, "months": 12},
            ],
            "gates": [{"title": "Förderbescheid", "after_months": 6}],
            "roles": [{"name": "Bauamt", "role": "lead"}],
        },
    )
    body = sheet(milestones=[], planned_start="2027-01-01")
    made = (await manager.post(f"/v1/measures?template={template.json()['id']}", json=body)).json()
    assert [(s["title"], s["starts_on"], s["ends_on"]) for s in made["steps"]] == [
        ("Planen", "2027-01-01", "2027-06-30"),
        ("Bauen", "2027-07-01", "2028-06-30"),
    ]
    assert made["milestones"][0]["due"] == "2027-07-01"
    assert made["actors"][0]["role"] == "lead"
    assert (await manager.post(f"/v1/measures?template={uuid4()}", json=body)).status_code == 422


async def test_a_quarter_lies_in_the_one_municipality(client: Client) -> None:
    manager = client.as_("manager")
    quarter = await manager.post(
        "/v1/quarters", json={"code": "sued", "title": "Süden", "region": SOEST}
    )
    assert (await client.made(quarter=quarter.json()["id"]))["quarter"]
    elsewhere = await manager.post(
        "/v1/measures", json=sheet(number="X", regions=[WERL], quarter=quarter.json()["id"])
    )
    assert elsewhere.status_code == 422
    headers = {"If-Match": quarter.headers["etag"]}
    assert (await manager.delete(quarter.headers["location"], headers=headers)).status_code == 409
