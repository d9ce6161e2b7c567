"""Result packages: what is in the ZIP file, and that handing over has an order."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from klima_measures.participation.actions import packages
from tests.fixtures.working import connections_held

WORKSHOP = {
    "region": "05974052",
    "title": "Klimawerkstatt Werl & #Umland",
    "topics": ["Mobilität", "Wärme"],
    "starts_at": "2026-03-17T18:00:00+01:00",
    "place": "Stadthalle",
    "participants": {"citizens": 24, "business": 4},
    "summary": "Ein *guter* Abend. $x$ @alle",
}


async def _documented(client: Any) -> str:
    item = str((await client.manager.post("/v1/workshops", json=WORKSHOP)).headers["location"])
    for state in ("invited", "held", "documented"):
        assert (
            await client.change("POST", f"{item}/transitions", {"to": state}, of=item)
        ).status_code == 200
    return item


async def _idea(client: Any, item: str, text: str, **more: Any) -> str:
    body = client.idea(text=text, workshop=item.split("/")[-1], topic="Mobilität", **more)
    answer = await client.as_("editor").post("/v1/ideas", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


async def _accept(client: Any, reference: str, triage: str) -> None:
    await client.decide(reference, "moderation", {"state": "accepted"})
    await client.decide(reference, "triage", {"triage": triage, "reason": "Weil es passt"})


@pytest.fixture
async def workshop(client: Any) -> str:
    item = await _documented(client)
    one = await _idea(client, item, "=HYPERLINK und ein Radweg")
    two = await _idea(client, item, "#set page(fill: red) ist kein Befehl")
    three = await _idea(client, item, "Unhöfliches")
    await _accept(client, one, "municipal")
    await _accept(client, two, "intermunicipal")
    await client.decide(three, "moderation", {"state": "rejected", "reason": "Beleidigung"})
    return item


async def test_what_is_in_the_package(client: Any, workshop: str) -> None:
    made = await client.manager.post(f"{workshop}/package")
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "drafted"
    answer = await client.manager.get(f"{workshop}/package.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert hashlib.sha256(answer.content).hexdigest() == made.json()["digest"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {
        "ergebnisse.pdf",
        "ideen.csv",
        "ideen-excel.csv",
        "ergebnisse.json",
        "SHA256SUMS",
    }
    for line in archive.read("SHA256SUMS").decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    results = json.loads(archive.read("ergebnisse.json"))
    rows = list(csv.DictReader(io.StringIO(archive.read("ideen.csv").decode())))
    assert results["sums"]["ideas"] == 3 == len(rows) == len(results["ideas"])
    sums = results["sums"]
    assert (
        sums["municipal"] + sums["intermunicipal"] + sums["out_of_scope"] + sums["undecided"] == 3
    )
    assert rows[0]["text"] == "'=HYPERLINK und ein Radweg"
    assert rows[2]["text"] == ""  # what was refused is not handed on
    assert archive.read("ideen-excel.csv").startswith(b"\xef\xbb\xbf")
    report = PdfReader(io.BytesIO(archive.read("ergebnisse.pdf")))
    text = "".join(page.extract_text() for page in report.pages)
    assert report.metadata is not None
    assert report.metadata.title == WORKSHOP["title"]
    for expected in ("#set page(fill: red)", "guter", "$x$ @alle", "24", "kommunal"):
        assert expected in text, expected
    assert "Unhöfliches" not in text


async def test_the_order_of_handing_over(client: Any, workshop: str) -> None:
    path = f"{workshop}/package"
    assert (await client.manager.get(path)).status_code == 404
    await client.manager.post(path)
    early = await client.change("POST", f"{path}/acknowledgement", of=path)
    assert early.status_code == 409
    assert "erstellt" in early.json()["detail"]
    body = {"recipient": "Stadt Werl, Klimamanagement"}
    assert (await client.manager.post(f"{path}/delivery", json=body)).status_code == 428
    assert (
        await client.change("POST", f"{path}/delivery", body, of=path, by=client.as_("editor"))
    ).status_code == 403
    delivered = await client.change("POST", f"{path}/delivery", body, of=path)
    assert delivered.status_code == 200
    assert (delivered.json()["state"], delivered.json()["recipient"]) == (
        "delivered",
        body["recipient"],
    )
    assert (await client.manager.get(workshop)).json()["state"] == "delivered"
    assert (await client.change("POST", f"{path}/delivery", body, of=path)).status_code == 409
    file = (await client.manager.get(f"{path}.zip")).content
    # Workshop and file are fixed from now on.
    assert (await client.change("PUT", workshop, WORKSHOP)).status_code == 409
    werl = client.as_("editor", "05974052")
    acknowledged = await client.change("POST", f"{path}/acknowledgement", of=path, by=werl)
    assert acknowledged.status_code == 200
    assert acknowledged.json()["acknowledged_at"]
    assert (await client.manager.get(workshop)).json()["state"] == "acknowledged"
    assert (
        await client.change("POST", f"{path}/acknowledgement", of=path, by=werl)
    ).status_code == 409
    # A correction is a new version; the first one stays what it was.
    second = await client.manager.post(path)
    assert (second.json()["version"], second.json()["state"]) == (2, "drafted")
    assert (await client.manager.get(f"{path}.zip?version=1")).content == file


async def test_who_reads_a_package(client: Any, workshop: str) -> None:
    await client.manager.post(f"{workshop}/package")
    for who, status in (
        (client, 401),
        (client.as_("viewer", "05974040"), 403),
        (client.as_("viewer", "05974052"), 200),
    ):
        assert (await who.get(f"{workshop}/package.zip")).status_code == status
        assert (await who.get(f"{workshop}/package")).status_code == status


async def test_a_package_needs_a_documented_workshop_and_moderated_ideas(client: Any) -> None:
    fresh = (await client.manager.post("/v1/workshops", json=WORKSHOP)).headers["location"]
    assert (await client.manager.post(f"{fresh}/package")).status_code == 409
    item = await _documented(client)
    await _idea(client, item, "Noch nicht geprüft")
    refused = await client.manager.post(f"{item}/package")
    assert refused.status_code == 409
    assert refused.json()["unmoderated"] == 1


async def test_an_empty_workshop_has_a_package_too(client: Any) -> None:
    item = str(
        (
            await client.manager.post("/v1/workshops", json={"region": "05974052", "title": "Leer"})
        ).headers["location"]
    )
    dated = {"region": "05974052", "title": "Leer", "starts_at": "2026-03-17T18:00:00+01:00"}
    assert (await client.change("PUT", item, dated)).status_code == 200
    for state in ("invited", "held", "documented"):
        assert (
            await client.change("POST", f"{item}/transitions", {"to": state}, of=item)
        ).status_code == 200
    assert (await client.manager.post(f"{item}/package")).status_code == 201


async def test_nobody_waits_while_the_report_of_a_package_is_set(
    client: Any, workshop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = connections_held(monkeypatch, client.app.state.database)
    key = {"Idempotency-Key": "paket"}
    first = await client.manager.post(f"{workshop}/package", headers=key)
    again = await client.manager.post(f"{workshop}/package", headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert held == {"pdf": [0]}  # and the repeat sets nothing


async def test_results_that_change_while_the_report_is_set_are_a_conflict(
    client: Any, workshop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = await _idea(client, workshop, "Noch eine Idee für den Abend")
    await _accept(client, late, "municipal")
    set_file = packages.typeset

    async def meanwhile(make: Any) -> bytes:
        await client.decide(late, "triage", {"triage": "intermunicipal", "reason": "Doch"})
        made: bytes = await set_file(make)
        return made

    monkeypatch.setattr(packages, "typeset", meanwhile)
    answer = await client.manager.post(f"{workshop}/package")
    assert answer.status_code == 409, answer.text
    assert "inzwischen geändert" in answer.json()["detail"]
    assert (await client.manager.get(f"{workshop}/package")).status_code == 404
