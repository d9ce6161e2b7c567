"""What all kinds of records have in common, tried with the examples of the API document itself."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

PATHS = {
    "/v1/kick-offs": "private",
    "/v1/workshops": "by its steps",
    "/v1/actors": "public",
    "/v1/networks": "public",
    "/v1/working-groups": "private",
    "/v1/working-groups/meetings": "draft",
    "/v1/working-groups/resolutions": "private",
    "/v1/working-groups/tasks": "private",
    "/v1/contacts": "public",
    "/v1/campaigns": "public",
    "/v1/press-items": "public",
    "/v1/events": "public",
}


@pytest.mark.parametrize(("path", "publicity"), PATHS.items())
async def test_the_life_of_a_record(client: Any, example: Any, path: str, publicity: str) -> None:
    body = await example(path)
    assert (await client.post(path, json=body)).status_code == 401
    assert (await client.as_("viewer").post(path, json=body)).status_code == 403
    assert (await client.as_("manager", "05974040").post(path, json=body)).status_code in {403, 422}
    key = {"Idempotency-Key": f"life {path}"}
    made = await client.manager.post(path, json=body, headers=key)
    assert made.status_code == 201, made.text
    assert (await client.manager.post(path, json=body, headers=key)).json() == made.json()
    item = made.headers["location"]
    assert item == f"{path}/{made.json()['id']}"

    read = await client.manager.get(item)
    assert read.headers["etag"].split(";")[0] == made.headers["etag"].split(";")[0]
    assert {name: read.json()[name] for name in body if name != "members"}.keys() == body.keys() - {
        "members"
    }
    assert (
        await client.manager.get(item, headers={"If-None-Match": read.headers["etag"]})
    ).status_code == 304
    assert (await client.get(item)).status_code == {"private": 401, "public": 200}.get(
        publicity, 404
    )
    assert (await client.get(path)).status_code == (401 if publicity == "private" else 200)

    assert (await client.manager.put(item, json=body)).status_code == 428
    assert (
        await client.manager.put(item, json=body, headers={"If-Match": '"old-1"'})
    ).status_code == 412
    changed = await client.change("PUT", item, body)
    assert changed.status_code == 200, changed.text
    assert changed.json()["revision"] == 2

    for form in ("csv", "csv-de", "xlsx"):
        table = await client.manager.get(f"{path}?format={form}")
        assert table.status_code == 200
        assert len(table.content) > 50
    rows = list(csv.DictReader(io.StringIO((await client.manager.get(f"{path}?format=csv")).text)))
    assert made.json()["id"] in [row["id"] for row in rows]

    assert (await client.change("DELETE", item)).status_code == 204
    assert (await client.manager.get(item)).status_code == 404
    trail = client.audit(f"entity_id = '{made.json()['id']}'")
    assert [row["action"] for row in trail] == ["create", "change", "delete"]
    assert {row["subject"] for row in trail} == {"test"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"unknown": 1},
        {"region": 5974052},
        {"title": "<script>x</script>", "name": "<script>x</script>"},
        None,
    ],
)
async def test_wrong_content_is_named(
    client: Any, example: Any, path: str, wrong: dict[str, Any] | None
) -> None:
    body = await example(path)
    sent: Any = [] if wrong is None else body | wrong
    answer = await client.manager.post(path, json=sent)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("path", [p for p, publicity in PATHS.items() if publicity == "public"])
async def test_an_editor_writes_drafts_and_a_manager_publishes(
    client: Any, example: Any, path: str
) -> None:
    body = await example(path)
    editor = client.as_("editor")
    assert (await editor.post(path, json=body)).status_code == 403
    draft = await editor.post(path, json=body | {"published": False})
    assert draft.status_code == 201
    item = draft.headers["location"]
    assert (await client.get(item)).status_code == 404
    assert draft.json()["id"] not in (await client.get(f"{path}?limit=200")).text
    assert (await client.change("PUT", item, body, by=editor)).status_code == 403
    assert (await client.change("PUT", item, body)).status_code == 200
    assert (await client.get(item)).status_code == 200
    # What the public reads is a manager's to change.
    assert (await client.change("PUT", item, body, by=editor)).status_code == 403
    assert (await client.change("DELETE", item, by=editor)).status_code == 403


async def test_internal_fields_stay_inside(client: Any, example: Any) -> None:
    for path, field, value in (
        ("/v1/actors", "notes", "nur intern"),
        ("/v1/contacts", "notes", "nur intern"),
        ("/v1/campaigns", "notes", "nur intern"),
        ("/v1/campaigns", "cost_eur", "4500.00"),
    ):
        made = await client.manager.post(path, json=await example(path) | {field: value})
        assert made.status_code == 201, made.text
        item = made.headers["location"]
        assert (await client.manager.get(item)).json()[field] == value
        for nobody in (client, client.as_("viewer", "05974040")):
            for place in (item, f"{path}?limit=200", f"{path}?format=csv"):
                assert value not in (await nobody.get(place)).text


async def test_actors_come_in_the_order_of_the_alphabet_and_only_with_consent(
    client: Any, example: Any
) -> None:
    body = await example("/v1/actors")
    for name in ("Zimmerei Abel", "Öko-Bau", "Oelmühle", "ÄRA"):
        await client.manager.post("/v1/actors", json=body | {"name": name, "regions": ["05974008"]})
    found = (await client.get("/v1/actors?region=05974008")).json()["items"]
    names = [item["name"] for item in found if item["name"] != "Energieberatung Beispiel"]
    assert names == ["ÄRA", "Oelmühle", "Öko-Bau", "Zimmerei Abel"]
    refused = await client.manager.post("/v1/actors", json=body | {"consent_to_publish": False})
    assert refused.status_code == 422
    assert "Einwilligung" in refused.json()["detail"]


async def test_a_network_shows_the_public_who_agreed(client: Any, example: Any) -> None:
    actor = await example("/v1/actors")
    shown = (
        await client.manager.post("/v1/actors", json=actor | {"name": "Mit Einwilligung"})
    ).json()["id"]
    hidden = actor | {"name": "Ohne Einwilligung", "published": False, "consent_to_publish": False}
    silent = (await client.manager.post("/v1/actors", json=hidden)).json()["id"]
    body = await example("/v1/networks") | {
        "members": [{"actor": silent}, {"actor": shown, "role": "Sprecher"}]
    }
    made = await client.manager.post("/v1/networks", json=body)
    item = made.headers["location"]
    assert [m["name"] for m in made.json()["members"]] == ["Mit Einwilligung", "Ohne Einwilligung"]
    assert [m["name"] for m in (await client.get(item)).json()["members"]] == ["Mit Einwilligung"]
    for members in (
        [{"actor": shown}, {"actor": shown}],
        [{"actor": "00000000-0000-4000-8000-000000000000"}],
    ):
        assert (
            await client.manager.post("/v1/networks", json=body | {"members": members})
        ).status_code == 422
    # An actor that is deleted leaves its networks, and the audit no longer knows its name.
    assert (await client.change("DELETE", f"/v1/actors/{shown}")).status_code == 204
    assert (await client.get(item)).json()["members"] == []
    trail = client.audit(f"entity_id = '{shown}'")
    assert [row["action"] for row in trail] == ["create", "delete"]
    assert "Mit Einwilligung" not in str(trail)


async def test_tasks_that_are_due(client: Any, example: Any) -> None:
    body = await example("/v1/working-groups/tasks")
    late = await client.manager.post(
        "/v1/working-groups/tasks", json=body | {"due_on": "2020-01-31"}
    )
    done = await client.manager.post(
        "/v1/working-groups/tasks", json=body | {"due_on": "2020-01-31", "state": "done"}
    )
    await client.manager.post("/v1/working-groups/tasks", json=body | {"due_on": "2099-01-31"})
    assert (late.json()["overdue"], done.json()["overdue"]) == (True, False)
    found = (
        await client.manager.get(f"/v1/working-groups/tasks?overdue=true&group={body['group']}")
    ).json()["items"]
    assert [item["id"] for item in found] == [late.json()["id"]]
    own = await client.manager.get(
        f"/v1/working-groups/tasks?municipality=05974052&group={body['group']}"
    )
    assert len(own.json()["items"]) == 3


async def test_contact_hours(client: Any, example: Any) -> None:
    item = (await client.manager.post("/v1/contacts", json=await example("/v1/contacts"))).headers[
        "location"
    ]
    for at, expected in (
        ("2026-11-24T07:30:00%2B01:00", True),  # Tuesday
        ("2026-11-23T07:30:00%2B01:00", False),  # Monday
        ("2029-05-01T10:00:00%2B02:00", False),  # 1 May, a Tuesday
        ("2026-03-24T06:30:00Z", True),  # before the change to summer time
        ("2026-03-31T05:30:00Z", True),  # after it
        ("2026-03-31T05:29:00Z", False),
    ):
        found = (await client.get(f"{item}?at={at}")).json()
        assert found["open_now"] is expected, at
    may = (await client.get(f"{item}?at=2029-05-01T10:00:00%2B02:00")).json()
    assert may["closed_because"] == "Erster Mai"
    assert may["next_opening"] == "2029-05-07T08:30:00+02:00"
    assert (await client.get(f"{item}?at=9999-12-31T23:59:59Z")).status_code == 422
    assert (await client.get(f"{item}?at=gestern")).status_code == 422
    for hours in (
        {"monday": [{"from": "12:00", "to": "08:00"}]},
        {"monday": [{"from": "08:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]},
        {"monday": [{"from": "8 Uhr", "to": "12:00"}]},
        {"noday": []},
    ):
        body = await example("/v1/contacts") | {"opening_hours": hours}
        assert (await client.manager.post("/v1/contacts", json=body)).status_code == 422


async def test_press_items_come_out_at_their_time(client: Any, example: Any) -> None:
    body = await example("/v1/press-items")
    early = await client.manager.post(
        "/v1/press-items", json=body | {"released_at": "2099-01-01T00:00:00Z"}
    )
    assert (await client.get(early.headers["location"])).status_code == 404
    assert early.json()["id"] not in (await client.get("/v1/press-items?limit=200")).text
    assert (await client.manager.get(early.headers["location"])).status_code == 200
