"""The templates that come with the service: six kinds of measure, each fills a whole sheet."""

from __future__ import annotations

from klima_measures.catalogue.actions.files import load, shipped_file

from ..conftest import Client, sheet

KINDS = {
    "beratungsnetzwerk",
    "unternehmensrunde",
    "austausch",
    "quartierskonzept",
    "strategie",
    "flaeche",
}


async def test_a_measure_of_every_kind_gets_its_steps_roles_gates_and_indicators(client: Client):
    state = client.app.state
    result = await load(state.database, state.context, shipped_file("templates"))
    assert result.faults == []
    listed = {one["code"]: one for one in (await client.get("/v1/templates")).json()["items"]}
    assert set(listed) == KINDS
    manager = client.as_("manager")
    bare = sheet(milestones=[], steps=[], actors=[], indicators=[], planned_start="2027-01-01")
    for number, template in enumerate(listed.values(), start=1):
        body = bare | {"number": f"V-{number:02}", "title": template["title"]}
        made = await manager.post(f"/v1/measures?template={template['id']}", json=body)
        assert made.status_code == 201, made.text
        filled = made.json()
        assert [s["title"] for s in filled["steps"]] == [s["title"] for s in template["steps"]]
        assert all(step["ends_on"] > step["starts_on"] for step in filled["steps"])
        for name, place in (("milestones", "gates"), ("actors", "roles")):
            assert len(filled[name]) == len(template[place]) > 1
        assert [i["name"] for i in filled["indicators"]] == [
            i["name"] for i in template["indicators"]
        ]


async def test_a_template_that_was_changed_stays_when_they_are_loaded_again(client: Client):
    title = "Beratung vor Ort"
    state = client.app.state
    for _ in range(2):
        await load(state.database, state.context, shipped_file("templates"))
        listed = (await client.get("/v1/templates")).json()["items"]
        assert len(listed) == len(KINDS)
        own = next(one for one in listed if one["code"] == "beratungsnetzwerk")
        address = f"/v1/templates/{own['id']}"
        read = await client.get(address)
        manager = client.as_("manager")
        body = {name: own[name] for name in ("code", "steps", "gates", "roles")} | {"title": title}
        changed = await manager.put(address, json=body, headers={"If-Match": read.headers["etag"]})
        assert changed.status_code == 200, changed.text
    assert (await client.get(address)).json()["title"] == title
