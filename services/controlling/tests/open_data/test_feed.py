"""The change feed: what was written in its order, nothing of drafts, and every address in it can be
read."""

from typing import Any

VALUE = {"region": "05974040", "period": "2025", "value": 31.5, "source": "Befragung (Beispiel)"}
TARGET: dict[str, Any] = {
    "code": "soest-2040",
    "title_de": "Soest 2040 (Beispiel)",
    "title_en": "Soest 2040 (example)",
    "region": "05974040",
    "year": 2040,
    "value": 0.0,
}
REPORT = {"region": "05974", "year": 2021, "title": "Klimabericht (Beispiel)"}


async def walked(world: Any, cursor: str | None = None) -> tuple[list[dict[str, Any]], str]:
    """Everything after `cursor`, in pages of 20, and the cursor to go on with."""
    items: list[dict[str, Any]] = []
    while True:
        query = {"limit": 20, **({"cursor": cursor} if cursor else {})}
        page = (await world.client.get("/v1/changes", params=query)).json()
        items += page["items"]
        cursor = page["next"]
        if not page["more"]:
            return items, str(cursor)


async def test_feed_tells_what_became_public(world: Any) -> None:
    shipped, cursor = await walked(world)
    kinds = {kind: sum(c["kind"] == kind for c in shipped) for kind in {c["kind"] for c in shipped}}
    assert set(kinds) == {"indicator-definitions", "targets", "deliveries"}
    for kind, path in (
        ("indicator-definitions", "indicators"),
        ("targets", "targets"),
        ("deliveries", "data-deliveries"),
    ):
        assert (
            len((await world.client.get(f"/v1/{path}?limit=200")).json()["items"]) == kinds[kind]
        ), kind
    assert (await walked(world, cursor))[0] == []

    async def post(path: str, body: Any, **headers: str) -> Any:
        answer = await world.client.post(
            path, json=body, headers=world.as_("manager", "05974000", **headers)
        )
        assert answer.status_code in (200, 201), answer.text
        return answer

    await post("/v1/indicators/ModalSplit_UV/values", VALUE)
    await post("/v1/indicators/ModalSplit_UV/values", VALUE | {"value": 33.0, "revision": 2})
    for _ in range(2):
        await post("/v1/targets", TARGET)
    draft = await post("/v1/reports", REPORT)
    report = draft.json()["id"]
    before, middle = await walked(world, cursor)
    assert [(c["kind"], c["id"], c["version"]) for c in before] == [
        ("indicators", "ModalSplit_UV/05974040/2025", 1),
        ("indicators", "ModalSplit_UV/05974040/2025", 2),
        ("targets", "soest-2040", 1),
        ("targets", "soest-2040", 2),
    ], "a draft leaves no trace"
    approved = await post(
        f"/v1/reports/{report}/approve", None, **{"If-Match": draft.headers["etag"]}
    )
    await post(f"/v1/reports/{report}/publish", None, **{"If-Match": approved.headers["etag"]})
    after, _ = await walked(world, middle)
    assert [(c["kind"], c["id"], c["operation"]) for c in after] == [("reports", report, "upsert")]
    for change in (*shipped, *before, *after):
        found = await world.client.get(change["url"])
        assert found.status_code == 200, change
        assert found.json().get("items", True), change
    assert (await world.client.get("/v1/changes?cursor=unsinn")).status_code == 422
