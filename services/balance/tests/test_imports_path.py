"""A utility's figures from the file to the published balance and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

SOEST = "/v1/regions/05974040"
YEAR = ("compute", "--year", "2023", "--region", "05974", "--publish")
HEAD = "region,year,sector,carrier,quantity,unit,status,grade,source\n"
CSV = (
    HEAD + "05974040,2023,households,natural_gas,300000,MWh_Hs,measured,A,Netzbetreiber 2023 (Beispiel)\n"
    "05974040,2023,households,electricity,70000.5,MWh,measured,A,Netzbetreiber 2023 (Beispiel)\n"
)


@pytest.fixture
async def writer(fresh_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(fresh_database("balance", ["load-method"], YEAR).url) as client:
        yield client


async def send(
    client: httpx.AsyncClient, headers: dict[str, str], data: bytes | str, dry_run: bool = False
) -> httpx.Response:
    content = data.encode() if isinstance(data, str) else data
    return await client.post(
        f"/v1/imports?dry_run={str(dry_run).lower()}", files={"file": ("a.csv", content)}, headers=headers
    )


async def compute_and_publish(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    draft = await client.post(SOEST + "/balances", json={"year": 2023}, headers=headers)
    assert draft.status_code == 201, draft.text
    done = await client.post(f"/v1/balances/{draft.json()['id']}/publish", headers=headers)
    assert done.status_code == 200, done.text
    return (await client.get(SOEST + "/balances/2023")).json()


def cell(balance: dict[str, Any], carrier: str) -> dict[str, Any]:
    return next(c for c in balance["cells"] if (c["sector"], c["carrier"]) == ("households", carrier))


async def test_dry_run_then_stored_then_in_the_balance(writer: httpx.AsyncClient, token_factory: Any):
    manager = token_factory.headers("manager", region="05974")
    dry = await send(writer, manager, CSV, dry_run=True)
    assert dry.status_code == 200, dry.text
    assert {k: dry.json()[k] for k in ("import_id", "dry_run", "rows", "accepted", "added", "errors")} == {
        "import_id": None, "dry_run": True, "rows": 2, "accepted": 2, "added": 2, "errors": [],
    }  # fmt: skip
    assert (await writer.get(SOEST + "/activities", headers=manager)).json()["items"] == []

    done = await send(writer, manager, CSV)
    assert done.status_code == 201, done.text
    assert done.headers["location"] == f"/v1/imports/{done.json()['import_id']}"
    before = (await writer.get(SOEST + "/balances/2023")).json()
    after = await compute_and_publish(writer, manager)
    assert (after["version"], cell(after, "natural_gas")["grade"], cell(before, "natural_gas")["grade"]) == (
        2,
        "A",
        "D",
    )
    assert cell(after, "natural_gas")["final_energy_mwh"] == pytest.approx(300000 * 0.9024, rel=1e-12)
    assert after["data_quality"] > before["data_quality"] == 0.0
