"""Steps of workshops, and kick-off talks that are missing."""

from __future__ import annotations

from typing import Any


async def test_the_steps_of_a_workshop(client: Any, example: Any) -> None:
    made = await client.manager.post("/v1/workshops", json=await example("/v1/workshops"))
    item = made.headers["location"]
    assert (made.json()["state"], made.json()["level"], made.json()["participants_total"]) == (
        "planned",
        "municipality",
        33,
    )
    assert (await client.get(item)).status_code == 404

    async def step(to: str, by: Any = None) -> int:
        answer = await client.change("POST", f"{item}/transitions", {"to": to}, of=item, by=by)
        return int(answer.status_code)

    assert await step("held") == 409
    assert await step("acknowledged") == 409
    assert await step("invited", client.as_("editor")) == 403
    assert await step("invited") == 200
    public = (await client.get(item)).json()
    assert public["state"] == "invited"
    assert "notes" not in public
    assert await step("held", client.as_("editor")) == 200
    assert await step("cancelled") == 409
    assert await step("documented") == 200
    for participants in ({"citizens": -1}, {"citizens": 1.5}, {"martians": 1}, {"citizens": "12"}):
        body = await example("/v1/workshops") | {"participants": participants}
        assert (await client.manager.post("/v1/workshops", json=body)).status_code == 422


async def test_missing_kick_off_talks_are_reported(start: Any) -> None:
    client = await start()
    unknown = (await client.manager.get("/v1/kick-offs/report")).json()
    assert unknown == {
        "expected": None,
        "held": 0,
        "missing": None,
    }  # nobody knows the municipalities
    client.sql(
        "insert into measures.region (ags, name, kind, parent) values ('05974000', 'Kreis Soest',"
        " 'county', '05000000'), ('05974052', 'Werl', 'municipality', '05974000'), ('05974040',"
        " 'Soest', 'municipality', '05974000')"
    )
    talk = {"region": "05974052", "held_on": "2026-02-11"}
    assert (await client.manager.post("/v1/kick-offs", json=talk)).status_code == 201
    report = (await client.manager.get("/v1/kick-offs/report")).json()
    assert (report["expected"], report["held"]) == (3, 1)
    assert [one["name"] for one in report["missing"]] == ["Kreis Soest", "Soest"]
    assert (await client.get("/v1/kick-offs/report")).status_code == 401
