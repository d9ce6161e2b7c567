"""What is said of others' drafts beside their own addresses, and who joins measures of two."""

import json
from typing import Any

import httpx

from tests.rights import bodies
from tests.rights.planted import COUNTY, LIPPSTADT, SOEST, World


def _sheet(world: World, number: str, region: str = LIPPSTADT, **more: Any) -> dict[str, Any]:
    return {**bodies.sheet(region, world.own, number), "links": [], "quarter": None, **more}


async def _sent(
    world: World, method: str, path: str, region: str, body: Any = None, role: str = "manager"
) -> httpx.Response:
    headers = {**world.as_(role, region), "If-Match": "*"}
    return await world.client.request(method, path, json=body, headers=headers)


async def _made(world: World, region: str, number: str, **more: Any) -> str:
    body = _sheet(world, number, region, strategy=None, funding=[], **more)
    answer = await _sent(world, "POST", "/v1/measures", region, body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _imported(world: World, rows: list[dict[str, Any]]) -> dict[str, Any]:
    answer = await world.client.post(
        "/v1/measures/imports?dry_run=true",
        files={"file": ("katalog.json", json.dumps({"measures": rows}).encode())},
        headers=world.as_("manager", LIPPSTADT),
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_preview_tells_nothing_of_a_draft_of_others(measures: World) -> None:
    secret = {"title": "Geheimes Vorhaben", "costs": [{"kind": "investment", "amount_eur": "4711"}]}
    await _made(measures, SOEST, "GEHEIM-1", **secret)
    found = await _imported(
        measures, [_sheet(measures, "GEHEIM-1", strategy=None, funding=[], title="Anderes")]
    )
    text = json.dumps(found, ensure_ascii=False)
    assert (
        "GEHEIM-1 schon" in found["errors"][0]["message"]
    )  # a number is given once, and that is all
    for word in ("Geheimes", "4711", SOEST):
        assert word not in text
    assert (found["notices"], found["measures"]) == ([], [])


async def test_a_file_names_no_draft_of_others(measures: World) -> None:
    await _made(measures, SOEST, "GEHEIM-1")
    links = [{"kind": "accompanies", "measure": "GEHEIM-1"}]
    row = _sheet(measures, "L-9", strategy=None, funding=[], links=links)
    found = await _imported(measures, [row])
    nothing = await _imported(
        measures, [{**row, "links": [{"kind": "accompanies", "measure": "GEHEIM-2"}]}]
    )
    assert json.dumps(found).replace("GEHEIM-1", "GEHEIM-2") == json.dumps(nothing)
    assert found["errors"]


async def test_a_file_renames_no_region_of_others(measures: World) -> None:
    for region, status in ((SOEST, 403), (LIPPSTADT, 200)):
        content = {"regions": [{"ags": region, "name": "Anders"}], "measures": []}
        answer = await measures.client.post(
            "/v1/measures/imports?dry_run=true",
            files={"file": ("katalog.json", json.dumps(content).encode())},
            headers=measures.as_("manager", LIPPSTADT),
        )
        assert answer.status_code == status, answer.text


async def test_a_template_of_others_fills_nothing(measures: World) -> None:
    body = _sheet(measures, "L-9")
    path = f"/v1/measures?template={measures.foreign['template']}"
    answer = await _sent(measures, "POST", path, LIPPSTADT, body)
    assert answer.status_code == 422, answer.text
    path = f"/v1/measures?template={measures.own['template']}"
    answer = await _sent(measures, "POST", path, LIPPSTADT, body)
    assert [step["title"] for step in answer.json()["steps"]] == ["Schritt"]


async def test_others_links_hold_up_no_deletion(measures: World) -> None:
    """The county links to a draft of a municipality, which does not see the county's."""
    draft = await _made(measures, LIPPSTADT, "L-9")
    links = [{"kind": "depends_on", "measure": draft}]
    body = {
        **_sheet(measures, "GEHEIM-9", COUNTY, strategy=None, funding=[]),
        "level": "county",
        "regions": [SOEST],
        "links": links,
    }
    made = await _sent(measures, "POST", "/v1/measures", COUNTY, body)
    assert made.status_code == 201, made.text
    gone = await _sent(measures, "DELETE", f"/v1/measures/{draft}", LIPPSTADT)
    assert gone.status_code == 204, gone.text
    left = await _sent(measures, "GET", f"/v1/measures/{made.json()['id']}", COUNTY)
    assert (left.json()["links"], left.json()["revision"]) == ([], 2)
    # and the one it was taken out of can still be published
    published = await _sent(measures, "POST", f"{left.url.path}/publish", COUNTY, {})
    assert published.status_code == 200, published.text


async def test_ones_own_links_are_named(measures: World) -> None:
    draft = await _made(measures, LIPPSTADT, "L-9")
    await _made(measures, LIPPSTADT, "L-10", links=[{"kind": "depends_on", "measure": draft}])
    answer = await _sent(measures, "DELETE", f"/v1/measures/{draft}", LIPPSTADT)
    assert (answer.status_code, "L-10" in answer.text) == (409, True)


async def _published(world: World, region: str, number: str) -> str:
    identity = await _made(world, region, number)
    answer = await _sent(world, "POST", f"/v1/measures/{identity}/publish", region, {})
    assert answer.status_code == 200, answer.text
    return identity


async def test_who_decides_about_anothers_measure_needs_its_consent(measures: World) -> None:
    theirs = await _published(measures, SOEST, "S-9")
    mine = await _published(measures, LIPPSTADT, "L-9")
    for kind in ("supersedes", "merged_into"):
        links = {"links": [{"kind": kind, "measure": theirs}]}
        path = f"/v1/measures/{mine}"
        refused = await _sent(measures, "PATCH", path, LIPPSTADT, links)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["pointer"] == "/body/links/0"
        assert (await _sent(measures, "PATCH", path, COUNTY, links)).status_code == 200
        # what was joined with both rights is not taken apart with one
        alone = await _sent(measures, "PATCH", path, LIPPSTADT, {"links": []})
        assert alone.status_code == 422, alone.text
        assert (await _sent(measures, "PATCH", path, COUNTY, {"links": []})).status_code == 200
    consent = {"links": [{"kind": "accompanies", "measure": mine}]}
    assert (await _sent(measures, "PATCH", f"/v1/measures/{theirs}", SOEST, consent)).status_code
    supersedes = {"links": [{"kind": "supersedes", "measure": theirs}]}
    agreed = await _sent(measures, "PATCH", f"/v1/measures/{mine}", LIPPSTADT, supersedes)
    assert agreed.status_code == 200, agreed.text
    for loose in ("accompanies", "depends_on"):
        other = await _made(
            measures, LIPPSTADT, f"L-{loose[:3]}", links=[{"kind": loose, "measure": theirs}]
        )
        assert other


async def test_taking_a_merger_back_needs_what_merging_needs(measures: World) -> None:
    """Ideas of two municipalities, merged by the county."""
    path = f"/v1/ideas/{measures.own['accepted_idea']}"
    into = {"into": measures.foreign["accepted_idea"], "reason": "Dasselbe."}
    assert (await _sent(measures, "POST", f"{path}/merge", LIPPSTADT, into)).status_code == 403
    assert (await _sent(measures, "POST", f"{path}/merge", COUNTY, into)).status_code == 200
    back = {"state": "accepted"}
    assert (await _sent(measures, "POST", f"{path}/moderation", LIPPSTADT, back)).status_code == 403
    assert (await _sent(measures, "POST", f"{path}/moderation", COUNTY, back)).status_code == 200


async def test_an_idea_shows_no_draft_of_others(measures: World) -> None:
    idea, theirs = measures.own["accepted_idea"], measures.foreign["measure"]
    for region, reference, measure in ((COUNTY, idea, theirs),):
        linked = await _sent(
            measures, "POST", f"/v1/ideas/{reference}/measures", region, {"measure": measure}
        )
        assert linked.status_code == 200, linked.text
    seen = await _sent(measures, "GET", f"/v1/ideas/{idea}", LIPPSTADT)
    assert theirs not in seen.text
    assert seen.json()["measures"] == []
    seen = await _sent(measures, "GET", f"/v1/measures/{theirs}/ideas", LIPPSTADT)
    assert seen.json()["items"] == []
    gone = await _sent(measures, "DELETE", f"/v1/ideas/{idea}/measures/{theirs}", LIPPSTADT)
    assert gone.status_code == 404
    seen = await _sent(measures, "GET", f"/v1/ideas/{idea}", COUNTY)
    assert [one["id"] for one in seen.json()["measures"]] == [theirs]
