"""What is withdrawn is gone: no public address tells of a measure that was archived."""

import asyncio
from typing import Any, Final

from tests.rights import bodies
from tests.rights.planted import COUNTY, SOEST, Operation, World, operations

MARK: Final = "Zurückgezogenes Vorhaben"


async def _post(world: World, path: str, body: Any) -> Any:
    headers = {**world.as_("manager", COUNTY), "If-Match": "*"}
    answer = await world.client.post(path, json=body, headers=headers)
    assert answer.status_code in {200, 201, 202}, (path, answer.text)
    return answer.json()


async def _published(world: World) -> dict[str, str]:
    """A published measure with everything that is public about it."""
    ids, none = dict(world.foreign), {"quarter": None, "strategy": None, "funding": []}
    sheet = {**bodies.sheet(SOEST, ids, "WEG-1"), **none, "title": MARK, "links": []}
    ids["measure"] = (await _post(world, "/v1/measures", sheet))["id"]
    await _post(world, f"/v1/measures/{ids['measure']}/publish", {})
    other = {**sheet, "number": "BLEIBT-1", "title": "Bleibt"}
    other["links"] = [{"kind": "depends_on", "measure": ids["measure"]}]
    ids["linked"] = (await _post(world, "/v1/measures", other))["id"]
    await _post(world, f"/v1/measures/{ids['linked']}/publish", {})
    for kind, path in (("campaign", "campaigns"), ("press_item", "press-items")):
        body = {**bodies.RECORDS[kind](SOEST, ids), "published": True}
        ids[kind] = (await _post(world, f"/v1/{path}", body))["id"]
    link = {"measure": ids["measure"]}
    await _post(world, f"/v1/ideas/{ids['accepted_idea']}/measures", link)
    ids["idea"] = ids["accepted_idea"]
    job = await _post(world, "/v1/catalogues", None)
    ids["catalogue"] = job["id"]
    for _ in range(100):
        state = (await world.client.get(f"/v1/catalogues/{job['id']}")).json()["state"]
        if state == "done":
            break
        await asyncio.sleep(0.1)
    return ids


def _addresses(world: World, ids: dict[str, str]) -> list[tuple[Operation, str]]:
    found = []
    for operation in operations(world.app):
        path = operation.at(ids).replace("{catalogue_id}", ids["catalogue"])
        path = path.replace("{ags}", SOEST).replace("{dataset}", "measures")
        if not operation.writes and "{" not in path:
            names = [one["name"] for one in operation.document.get("parameters", [])]
            forms = ["", "?format=csv"] if "format" in names else [""]
            found += [(operation, path + form) for form in forms]
    return found


async def _telling(world: World, ids: dict[str, str]) -> dict[str, int]:
    """The public addresses that tell of the measure, with their statuses."""
    telling = {}
    for operation, path in _addresses(world, ids):
        answer = await world.client.get(path)
        body = answer.content.replace(path.partition("?")[0].encode(), b"")
        words = (MARK.encode(), ids["measure"].encode(), b"WEG-1")
        pdf = path.endswith(".pdf") and answer.status_code == 200
        if pdf or any(word in body for word in words):
            telling[f"{operation.template} {path.partition('?')[2]}"] = answer.status_code
    return telling


async def test_no_public_address_tells_of_an_archived_measure(measures: World) -> None:
    ids = await _published(measures)
    before = await _telling(measures, ids)
    assert len(before) > 15, before
    assert "/v1/press-items/{identity} " in before
    await _post(measures, f"/v1/measures/{ids['measure']}/archive", {})
    after = await _telling(measures, ids)
    # that there is no measure with this id is what a 404 says
    told = {place for place, status in after.items() if status not in {404, 410}}
    assert told == {"/v1/changes "}  # the feed, to those who copied it: that it is gone
    feed = (await measures.client.get("/v1/changes")).json()["items"]
    steps = [one["operation"] for one in feed if one["id"] == ids["measure"]]
    assert steps[-1] == "delete"
    gone = await measures.client.get(f"/v1/catalogues/{ids['catalogue']}.pdf")
    assert gone.status_code == 410, gone.text
    own = await measures.client.get(
        f"/v1/press-items/{ids['press_item']}", headers=measures.as_("viewer", SOEST)
    )
    assert own.json()["measures"] == [ids["measure"]]
