"""Who may write what, revisions, repeats, publishing: what is published never changes."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

SOEST = "/v1/regions/05974040"
GAS = SOEST + "/activities/2021/households.natural_gas"
WERL_IN_THE_FORMER_EDITION = 238052.48827363437
GOOD = {
    "quantity": 250000.0,
    "unit": "MWh",
    "status": "measured",
    "grade": "A",
    "source": "Netzbetreiber (Beispiel)",
}


async def test_every_bad_token_is_refused(reader: httpx.AsyncClient, token_factory: Any):
    for fault, token in token_factory.refused("manager", region="05974").items():
        headers = {"Authorization": f"Bearer {token}"}
        for response in (
            await reader.post(SOEST + "/balances", json={"year": 2021}, headers=headers),
            await reader.get(SOEST + "/balances", headers=headers),
        ):
            assert response.status_code == 401, fault
            assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("roles", "region", "status"),
    [
        ((), "05974040", 403),
        (("viewer",), "05974040", 403),
        (("editor",), "05974028", 403),
        (("editor",), "05111000", 403),
        (("method",), "05974040", 403),
        (("editor",), "05974040", 201),
        (("editor",), "05974", 201),
        (("manager",), "05", 201),
    ],
)
async def test_role_and_region_decide_who_computes(
    reader: httpx.AsyncClient, token_factory: Any, roles: tuple[str, ...], region: str, status: int
):
    headers = token_factory.headers(*roles, region=region)
    response = await reader.post(SOEST + "/balances", json={"year": 2021}, headers=headers)
    assert response.status_code == status, response.text
    assert (await reader.post(SOEST + "/balances", json={"year": 2021})).status_code == 401


async def test_local_data_supersedes_and_a_new_version_keeps_the_old(
    writer: httpx.AsyncClient, token_factory: Any
):
    editor, manager = (
        token_factory.headers("editor", region="05974040"),
        token_factory.headers("manager", region="05974"),
    )
    before = (await writer.get(SOEST + "/balances/2021")).json()
    assert (await writer.put(GAS, json=GOOD, headers=editor)).status_code == 201
    draft = await writer.post(SOEST + "/balances", json={"year": 2021}, headers=editor)
    assert draft.status_code == 201, draft.text
    d = draft.json()
    assert (d["state"], d["version"]) == ("draft", None)
    # unseen until published
    assert (await writer.get(SOEST + "/balances/2021")).json() == before
    assert (await writer.get(f"/v1/balances/{d['id']}")).status_code == 404
    assert (
        await writer.get(
            f"/v1/balances/{d['id']}", headers=token_factory.headers("viewer", region="05974028")
        )
    ).status_code == 404
    assert (await writer.post(f"/v1/balances/{d['id']}/publish", headers=editor)).status_code == 403
    published = await writer.post(f"/v1/balances/{d['id']}/publish", headers=manager)
    assert published.status_code == 200, published.text
    after = (await writer.get(SOEST + "/balances/2021")).json()
    assert after["version"] == 2
    gas = next(
        c for c in after["cells"] if (c["sector"], c["carrier"]) == ("households", "natural_gas")
    )
    assert (gas["final_energy_mwh"], gas["grade"], gas["status"]) == (250000.0, "A", "measured")
    assert gas["emissions_t_co2e"] == pytest.approx(250000 * 247 / 1000)
    assert after["data_quality"] > before["data_quality"]
    assert (await writer.get(SOEST + "/balances/2021?version=1")).json() == before
    assert (
        await writer.get(SOEST + f"/balances/2021?as_of={before['published_at']}")
    ).json() == before
    explained = (
        await writer.get(SOEST + "/balances/2021/explain?sector=households&carrier=natural_gas")
    ).json()
    assert explained["value"] == pytest.approx(gas["emissions_t_co2e"])
    assert len(explained["superseded"]) == 1
    assert (
        await writer.post(f"/v1/balances/{d['id']}/publish", headers=manager)
    ).status_code == 409
    # the county follows: the sum of what is published, also while a member has other figures
    old, county = [
        (await writer.get(f"/v1/regions/05974/balances/2021?version={n}")).json() for n in (1, 2)
    ]
    change = after["totals"]["bisko_t_co2e"] - before["totals"]["bisko_t_co2e"]
    assert county["totals"]["bisko_t_co2e"] == pytest.approx(old["totals"]["bisko_t_co2e"] + change)
    other = SOEST.replace("040", "028") + "/activities/2021/households.electricity"
    assert (await writer.put(other, json=GOOD, headers=manager)).status_code == 201
    same = await writer.post("/v1/regions/05974/balances", json={"year": 2021}, headers=manager)
    assert same.status_code == 201, same.text
    assert same.json()["totals"] == county["totals"]


async def test_a_former_edition_gives_the_former_figures(
    writer: httpx.AsyncClient, token_factory: Any
):
    """As the release with that edition published it; the draft can be explained like any other."""
    headers = token_factory.headers("manager", region="05974")
    body = {"year": 2021, "factor_set": "bisko-2026.1", "options": {"edition": "AGEB-2023"}}
    made = await writer.post("/v1/regions/05974044/balances", json=body, headers=headers)
    assert made.status_code == 201, made.text
    draft = made.json()
    assert draft["meta"]["edition"]["id"] == "AGEB-2023"
    assert draft["totals"]["bisko_t_co2e"] == pytest.approx(WERL_IN_THE_FORMER_EDITION, rel=1e-12)


async def test_the_same_computation_has_the_same_digest(
    writer: httpx.AsyncClient, token_factory: Any
):
    headers = token_factory.headers("manager", region="05974")
    for ags in ("05974040", "05974000"):
        path = f"/v1/regions/{ags}/balances"
        await writer.post(path, json={"year": 2021}, headers=headers)
        digests = {
            b["digest"]
            for b in (await writer.get(path, headers=headers)).json()["items"]
            if b["year"] == 2021
        }
        assert len(digests) == 1


async def test_thirteen_of_fourteen(writer: httpx.AsyncClient, token_factory: Any):
    headers = token_factory.headers("manager", region="05974")
    none = await writer.post("/v1/regions/05974/balances", json={"year": 2019}, headers=headers)
    assert none.status_code == 409
    regions = [r["ags"] for r in (await writer.get("/v1/regions?parent=05974")).json()["items"]]
    for ags in regions[:13]:
        draft = (
            await writer.post(f"/v1/regions/{ags}/balances", json={"year": 2019}, headers=headers)
        ).json()
        assert (
            await writer.post(f"/v1/balances/{draft['id']}/publish", headers=headers)
        ).status_code == 200
    county = (
        await writer.post("/v1/regions/05974/balances", json={"year": 2019}, headers=headers)
    ).json()
    assert (county["members"]["present"], county["members"]["expected"]) == (13, 14)
    assert (
        "members" in {f["rule"] for f in county["conformity"]["findings"]}
        or county["conformity"]["state"] == "incomplete"
    )


async def test_changes_need_the_current_etag(writer: httpx.AsyncClient, token_factory: Any):
    headers = token_factory.headers("editor", region="05974040")
    first = await writer.put(GAS, json=GOOD, headers=headers)
    etag = first.headers["etag"]
    assert (await writer.put(GAS, json=GOOD, headers=headers)).status_code == 428
    assert (
        await writer.put(GAS, json=GOOD, headers=headers | {"If-Match": '"stale"'})
    ).status_code == 412
    second = await writer.put(
        GAS, json=GOOD | {"quantity": 5.0}, headers=headers | {"If-Match": etag}
    )
    assert (second.status_code, second.json()["revision"]) == (200, 2)
    assert second.json()["changed_at"] > first.json()["changed_at"]
    since = {"modified_since": second.json()["changed_at"]}
    listed = await writer.get(SOEST + "/activities", params=since, headers=headers)
    assert [a["quantity"] for a in listed.json()["items"]] == [5.0]
    assert (await writer.delete(GAS, headers=headers)).status_code == 428
    assert (await writer.delete(GAS, headers=headers | {"If-Match": etag})).status_code == 412
    assert (
        await writer.delete(GAS, headers=headers | {"If-Match": second.headers["etag"]})
    ).status_code == 204
    assert (await writer.get(GAS, headers=headers)).status_code == 404
    history = (await writer.get(GAS + "/history", headers=headers)).json()["items"]
    assert [(h["revision"], h["deleted"]) for h in history] == [(1, False), (2, False), (3, True)]
    third = await writer.put(GAS, json=GOOD, headers=headers)
    assert (third.status_code, third.json()["revision"]) == (201, 4)  # no number is used twice
    assert (
        await writer.put(GAS, json=GOOD, headers=headers | {"If-Match": etag})
    ).status_code == 412


async def test_gross_gas_becomes_net(writer: httpx.AsyncClient, token_factory: Any):
    headers = token_factory.headers("editor", region="05974040")
    stored = await writer.put(
        GAS, json=GOOD | {"unit": "MWh_Hs", "quantity": 1000.0}, headers=headers
    )
    assert stored.json()["quantity_mwh"] == pytest.approx(902.4)


async def test_a_repeated_creation_answers_the_first_response(
    writer: httpx.AsyncClient, token_factory: Any
):
    headers = token_factory.headers("editor", region="05974040") | {"Idempotency-Key": "once"}
    answers = await asyncio.gather(
        *(writer.post(SOEST + "/balances", json={"year": 2021}, headers=headers) for _ in range(5))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert len({a.headers["location"] for a in answers}) == 1
    other = await writer.post(SOEST + "/balances", json={"year": 2018}, headers=headers)
    assert other.status_code == 409
    foreign = token_factory.headers("editor", region="05974040", subject="another") | {
        "Idempotency-Key": "once"
    }
    mine = await writer.post(SOEST + "/balances", json={"year": 2021}, headers=foreign)
    assert mine.json()["id"] != answers[0].json()["id"]


async def test_a_failed_creation_leaves_the_key_free(writer: httpx.AsyncClient, token_factory: Any):
    headers = token_factory.headers("editor", region="05974040") | {"Idempotency-Key": "twice"}
    assert (
        await writer.post(
            SOEST + "/balances", json={"year": 2021, "factor_set": "nobody"}, headers=headers
        )
    ).status_code == 422
    assert (
        await writer.post(SOEST + "/balances", json={"year": 2021}, headers=headers)
    ).status_code == 201


async def test_factor_sets_are_uploaded_released_and_then_fixed(
    writer: httpx.AsyncClient, token_factory: Any
):
    keeper, manager = (
        token_factory.headers("method"),
        token_factory.headers("manager", region="05974"),
    )
    base = (await writer.get("/v1/factor-sets/bisko-2026.2/factors?limit=200")).json()["items"]
    rows = [{k: v for k, v in f.items() if k != "id"} | {"value": f["value"] * 2} for f in base]
    body = {
        "id": "test-2027",
        "version": "2027",
        "title": "Doppelte Faktoren (Beispiel)",
        "source": "Beispiel",
        "factors": rows,
    }
    assert (await writer.post("/v1/factor-sets", json=body, headers=manager)).status_code == 403
    created = await writer.post("/v1/factor-sets", json=body, headers=keeper)
    assert created.status_code == 201, created.text
    assert (
        await writer.get("/v1/factor-sets/test-2027")
    ).status_code == 404  # a draft is not public
    assert (await writer.post("/v1/factor-sets", json=body, headers=keeper)).status_code == 409
    draft = await writer.post(
        SOEST + "/balances", json={"year": 2021, "factor_set": "test-2027"}, headers=manager
    )
    assert draft.status_code == 201, draft.text
    published = (await writer.get(SOEST + "/balances/2021")).json()
    gas = [
        next(c["emissions_t_co2e"] for c in d["cells"] if c["carrier"] == "natural_gas")
        for d in (draft.json(), published)
    ]
    assert gas[0] == pytest.approx(2 * gas[1])
    assert (
        await writer.post(f"/v1/balances/{draft.json()['id']}/publish", headers=manager)
    ).status_code == 409
    assert (
        await writer.post("/v1/factor-sets/test-2027/release", headers=keeper)
    ).status_code == 200
    assert (
        await writer.post("/v1/factor-sets/test-2027/release", headers=keeper)
    ).status_code == 409
    assert (await writer.get("/v1/factor-sets/test-2027")).json()["state"] == "released"
    # A member of other factors can't leave the published sum of 2021; of 2019 there is none.
    for year, status in ((2021, 409), (2019, 200)):
        anew = await writer.post(
            SOEST + "/balances", json={"year": year, "factor_set": "test-2027"}, headers=manager
        )
        done = await writer.post(f"/v1/balances/{anew.json()['id']}/publish", headers=manager)
        assert done.status_code == status, done.text


async def test_a_partial_factor_set_takes_what_it_lacks_from_its_base(
    writer: httpx.AsyncClient, token_factory: Any
):
    """One factor of its own, everything else of the base; explain says which is from where. Without
    a base, or with one that lacks it too, the draft is refused and the carrier named."""
    keeper = token_factory.headers("method")
    manager = token_factory.headers("manager", region="05974")
    row = {"category": "natural_gas", "year": 2021, "value": 200.0, "source": "Beispiel"}
    body = {
        "id": "part-2027",
        "version": "2027",
        "title": "Erdgas allein (Beispiel)",
        "source": "Beispiel",
        "factors": [row | {"certainty": "unverified_low"}],
    }

    async def upload(**more: Any) -> httpx.Response:
        return await writer.post("/v1/factor-sets", json=body | more, headers=keeper)

    async def draft(name: str) -> httpx.Response:
        wanted = {"year": 2021, "factor_set": name}
        return await writer.post(SOEST + "/balances", json=wanted, headers=manager)

    for base in ("no-such-set", "gemis-4.95"):
        refused = await upload(base=base)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["pointer"] == "/body/base"
    assert (await upload(id="alone-2027")).status_code == 201
    lacking = await draft("alone-2027")
    assert lacking.status_code == 422, lacking.text
    assert "coal_mix (coal)" in lacking.json()["detail"]

    made = await upload(base="bisko-2026.2")
    assert (made.status_code, made.json()["base"]) == (201, "bisko-2026.2"), made.text
    assert (await writer.post("/v1/factor-sets/part-2027/release", headers=keeper)).is_success
    # On a partial set another one may rest.
    assert (await upload(id="over-2027", base="part-2027")).status_code == 201
    for name in ("part-2027", "over-2027"):
        found = (await draft(name)).json()
        gas = [c for c in found["cells"] if c["carrier"] == "natural_gas"]
        assert gas
        for cell in gas:
            assert cell["emissions_t_co2e"] == pytest.approx(cell["final_energy_mwh"] * 0.2)
        whole = (await writer.get(SOEST + "/balances/2021")).json()["cells"]
        oil = [
            [c for c in cells if c["carrier"] == "heating_oil"] for cells in (found["cells"], whole)
        ]
        assert oil[0] == oil[1]

    anew = await writer.post(
        SOEST + "/balances", json={"year": 2019, "factor_set": "part-2027"}, headers=manager
    )
    done = await writer.post(f"/v1/balances/{anew.json()['id']}/publish", headers=manager)
    assert done.status_code == 200, done.text
    told = (await writer.get(SOEST + "/balances/2019/explain?sector=households")).json()["rows"]
    sets = {row["activity"]["carrier"]: row["factor"]["set"] for row in told}
    assert (sets["natural_gas"], sets["heating_oil"]) == ("part-2027", "bisko-2026.2")


async def test_every_write_leaves_an_audit_row(
    fresh_database: Any, token_factory: Any, open_service: Any
):
    database = fresh_database("balance", ["load-method"])
    async with open_service(database.url) as client:
        await client.put(
            GAS,
            json=GOOD,
            headers=token_factory.headers("editor", region="05974040", subject="s-1"),
        )
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute(
            "select subject, action, region, before, after ->> 'quantity' from balance.audit where"
            " entity = 'activity'"
        ).fetchone()
    assert row == ("s-1", "create", "05974040", None, "250000.0")


async def test_publishing_accepts_the_etag_of_the_get(
    writer: httpx.AsyncClient, token_factory: Any
) -> None:
    manager = token_factory.headers("manager", region="05974")
    for lang, weak in (("de", ""), ("en", ""), ("de", "W/")):
        answer = await writer.post(SOEST + "/balances", json={"year": 2021}, headers=manager)
        draft = f"/v1/balances/{answer.json()['id']}"
        read = await writer.get(draft, headers=manager | {"Accept-Language": lang})
        tag = weak + read.headers["etag"]
        stale = await writer.post(f"{draft}/publish", headers=manager | {"If-Match": '"other"'})
        assert stale.status_code == 412, stale.text
        assert stale.headers["etag"]
        published = await writer.post(f"{draft}/publish", headers=manager | {"If-Match": tag})
        assert published.status_code == 200, published.text
    versions = (await writer.get(SOEST + "/balances", headers=manager)).json()["items"]
    assert sum(one["state"] == "published" for one in versions if one["year"] == 2021) == 4


async def test_of_drafts_published_at_once_one_becomes_the_version(
    writer: httpx.AsyncClient, token_factory: Any
):
    manager = token_factory.headers("manager", region="05974")
    made = [
        await writer.post(SOEST + "/balances", json={"year": 2021}, headers=manager)
        for _ in range(6)
    ]
    answers = await asyncio.gather(
        *(writer.post(f"/v1/balances/{m.json()['id']}/publish", headers=manager) for m in made)
    )
    assert sorted(a.status_code for a in answers) == [200] + [409] * 5
    versions = (await writer.get(SOEST + "/balances", headers=manager)).json()["items"]
    published = [v for v in versions if v["year"] == 2021 and v["state"] == "published"]
    assert len(published) == 2  # the one that the fixture published, and this one


async def test_a_draft_whose_figures_have_changed_is_not_published(
    writer: httpx.AsyncClient, token_factory: Any
):
    manager = token_factory.headers("manager", region="05974")
    draft = await writer.post(SOEST + "/balances", json={"year": 2021}, headers=manager)
    assert (await writer.put(GAS, json=GOOD, headers=manager)).status_code == 201
    address = f"/v1/balances/{draft.json()['id']}/publish"
    refused = await writer.post(address, headers=manager)
    assert refused.status_code == 409
    assert "seit der Berechnung geändert" in refused.json()["detail"]
    assert (await writer.get(SOEST + "/balances/2021")).json()["version"] == 1


async def test_a_draft_older_than_the_newest_version_is_not_published(
    writer: httpx.AsyncClient, token_factory: Any
):
    manager = token_factory.headers("manager", region="05974")
    first, second = [
        (await writer.post(SOEST + "/balances", json={"year": 2022}, headers=manager)).json()["id"]
        for _ in range(2)
    ]
    assert (await writer.post(f"/v1/balances/{second}/publish", headers=manager)).status_code == 200
    refused = await writer.post(f"/v1/balances/{first}/publish", headers=manager)
    assert refused.status_code == 409
    assert "neuere Fassung" in refused.json()["detail"]
