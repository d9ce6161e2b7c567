"""No route holds a connection of the pool while it asks the balance service."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from klima_measures.upstream.actions import Balance, balance_cache
from klima_shared.upstream.client import ServiceClient
from tests.fixtures.working import connections_held

from .conftest import SOEST, Client, Opened, sheet

UNKNOWN = "05974999"  # inside the county, and not in our copy of the registry
SAVING = [{"sector": "transport", "emissions_t_co2e": 1000.0, "affects_bisko": True}]
NOT_FOUND = {"type": "urn:klimakreis:problem:not-found", "title": "Nicht gefunden", "status": 404}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/measures?region={UNKNOWN}"),
        ("GET", f"/v1/measures/facets?region={UNKNOWN}"),
        ("GET", f"/v1/costs?region={UNKNOWN}"),
        ("GET", f"/v1/savings?region={UNKNOWN}"),
        ("GET", f"/embed/measures/{UNKNOWN}"),
        ("GET", f"/embed/events/{UNKNOWN}"),
        ("GET", f"/embed/contact/{UNKNOWN}"),
        ("GET", "/v1/measures/{id}"),
        ("GET", "/v1/measures/{id}/sheet"),
        ("GET", "/v1/measures/{id}/sheet.pdf"),
        ("POST", "/v1/measures"),
        ("POST", "/v1/ideas"),
    ],
)
async def test_no_connection_is_held_while_another_service_is_asked(
    client: Client, open_client: Opened, method: str, path: str
) -> None:
    made = await client.published(savings=SAVING)
    asked, held = open_client(client.database), []

    def answer(_: httpx.Request) -> httpx.Response:
        engines = asked.app.state.database.engines
        held.append(sum(engine.pool.checkedout() for engine in engines))
        return httpx.Response(404, json=NOT_FOUND)

    service = balance_cache(
        ServiceClient("balance", "http://balance", transport=httpx.MockTransport(answer))
    )
    asked.app.state.balance = Balance(service)
    bodies: dict[str, Any] = {
        "/v1/measures": sheet(number="X-1", regions=[UNKNOWN]),
        "/v1/ideas": {"region": UNKNOWN, "text": "Mehr Bänke am Weg.", "consent": True},
    }
    manager = asked.as_("manager", region="05974000")
    await manager.request(
        method, path.format(id=made["id"]), json=bodies.get(path) if method == "POST" else None
    )
    await service.close()
    assert held
    assert set(held) == {0}
    assert SOEST in made["regions"]


async def test_no_connection_is_held_while_a_file_is_read_or_a_pdf_set(
    client: Client, open_client: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await client.published()
    asked = open_client(client.database)
    held = connections_held(monkeypatch, asked.app.state.database)
    editor = asked.as_("manager", region="05974000")
    csv = b"region,text\n05974040,Mehr Schatten auf dem Markt\n"
    path = "/v1/ideas/imports?consent=true&dry_run="
    for dry_run in ("true", "false"):
        for address, file in (
            (path + dry_run, ("ideen.csv", csv)),
            (f"/v1/measures/imports?dry_run={dry_run}", ("m.json", b'{"measures": []}')),
        ):
            await editor.post(address, files={"file": file})
    assert (await asked.get(f"/v1/measures/{made['id']}/sheet.pdf")).status_code == 200
    job = await editor.post("/v1/catalogues")
    assert (await asked.get(job.headers["location"])).json()["state"] == "done"
    assert {kind: set(out) for kind, out in held.items()} == {
        "csv": {0},
        "document": {0},
        "pdf": {0},
    }
    assert len(held["pdf"]) == 2
