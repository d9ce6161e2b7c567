"""Registers: written by editors of their region, read by everybody as far as they are public."""

from __future__ import annotations

from typing import Any

import pytest

from klima_measures.registers.routes import EXAMPLES, WIRE, Register

from ..conftest import LIPPSTADT, SOEST, Client


@pytest.mark.parametrize("register", WIRE, ids=lambda register: str(register.kind))
async def test_every_register_is_written_and_read_alike(client: Client, register: Register) -> None:
    editor, path = client.as_("editor"), f"/v1/{register.path}"
    example = EXAMPLES[register.kind.value]
    assert (await client.post(path, json=example)).status_code == 401
    made = await editor.post(path, json=example, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201, made.text
    assert (
        await editor.post(path, json=example, headers={"Idempotency-Key": "k"})
    ).json() == made.json()
    assert (await editor.post(path, json=example)).status_code == 409
    location = made.headers["location"]
    read = await client.get(location)
    assert read.json()["code"] == example["code"]
    assert read.json()["example"] is True
    listed = (await client.get(path)).json()["items"]
    assert [entry["id"] for entry in listed] == [made.json()["id"]]
    hidden = example | {"public": False, "title": "Verborgen"}
    assert (await editor.put(location, json=hidden)).status_code == 428
    etag = {"If-Match": read.headers["etag"]}
    changed = await editor.put(location, json=hidden, headers=etag)
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert (await editor.put(location, json=hidden, headers=etag)).status_code == 412
    assert (await client.get(location)).status_code == 404
    assert (await client.get(path)).json()["items"] == []
    assert (await editor.get(location)).status_code == 200
    gone = await editor.delete(location, headers={"If-Match": changed.headers["etag"]})
    assert gone.status_code == 204
    audit = client.rows("select action from measures.audit order by id")
    assert [row["action"] for row in audit] == ["create", "change", "delete"]


async def test_entries_belong_to_a_region(client: Client) -> None:
    entry = {"code": "q", "title": "Quartier", "region": SOEST}
    assert (
        await client.as_("editor", LIPPSTADT).post("/v1/quarters", json=entry)
    ).status_code == 403
    made = await client.as_("editor", SOEST).post("/v1/quarters", json=entry)
    assert made.status_code == 201
    foreign = client.as_("editor", LIPPSTADT)
    headers = {"If-Match": made.headers["etag"]}
    assert (await foreign.delete(made.headers["location"], headers=headers)).status_code == 403
    assert (
        await client.as_("editor").post("/v1/quarters", json=entry | {"region": "05974"})
    ).status_code == 422


async def test_a_round_sums_all_firms_and_names_those_who_agreed(client: Client) -> None:
    measures = [
        {"title": "M", "final_energy_mwh": 10.0, "investment_eur": "0.10"},
        {"title": "N", "investment_eur": "0.20", "waste_t": None},
    ]
    firms = [
        {"name": "Offen AG", "consent": True, "measures": measures[:1]},
        {"name": "Still GmbH", "consent": False, "measures": measures[1:]},
    ]
    body = {"code": "r", "title": "Runde", "programme": "ÖKOPROFIT", "firms": firms}
    made = await client.as_("editor").post("/v1/rounds", json=body)
    public = (await client.get(made.headers["location"])).json()
    assert [firm["name"] for firm in public["firms"]] == ["Offen AG"]
    assert "Still" not in str(public)
    assert public["sums"] == {
        "firms": 2,
        "firms_named": 1,
        "measures": 2,
        "investment_eur": "0.30",
        "saving_eur": None,
        "final_energy_mwh": 10.0,
        "emissions_t_co2e": None,
        "waste_t": None,
        "water_m3": None,
    }
    assert len((await client.as_("viewer").get(made.headers["location"])).json()["firms"]) == 2


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("funding-programmes", {"valid_from": "2026-01-02", "valid_to": "2026-01-01"}),
        ("funding-programmes", {"rate_percent": 101}),
        ("funding-programmes", {"url": "javascript:alert(1)"}),
        ("templates", {"steps": [{"title": "<b>x</b>"}]}),
        ("strategies", {"title": ""}),
        ("concepts", {"more": 1}),
        ("rounds", {"programme": "P", "firms": [{"name": "F"}]}),
        (
            "rounds",
            {
                "programme": "P",
                "firms": [{"name": "F", "consent": True, "measures": [{"title": ""}]}],
            },
        ),
    ],
)
async def test_wrong_entries_are_refused(client: Client, path: str, change: dict[str, Any]) -> None:
    answer = await client.as_("editor").post(
        f"/v1/{path}", json={"code": "c", "title": "T"} | change
    )
    assert answer.status_code == 422, answer.text


async def test_an_expired_programme_is_not_offered(client: Client) -> None:
    editor = client.as_("editor")
    for code, until in (("a", "2020-12-31"), ("b", None), ("c", "2999-12-31")):
        await editor.post(
            "/v1/funding-programmes", json={"code": code, "title": code, "valid_to": until}
        )
    for query, codes in (
        ("", ["b", "c"]),
        ("?all=true", ["a", "b", "c"]),
        ("?offered_on=2020-06-01", ["a", "b", "c"]),
    ):
        items = (await client.get(f"/v1/funding-programmes{query}")).json()["items"]
        assert [entry["code"] for entry in items] == codes, query


async def test_lists_of_entries_have_pages(client: Client) -> None:
    for n in range(5):
        await client.as_("editor").post("/v1/strategies", json={"code": f"s{n}", "title": f"S{n}"})
    address, found = "/v1/strategies?limit=2", []
    while address:
        answer = await client.get(address)
        found += [entry["code"] for entry in answer.json()["items"]]
        link = answer.headers.get("link")
        address = link.split(">")[0].removeprefix("<") if link else ""
    assert found == ["s0", "s1", "s2", "s3", "s4"]
