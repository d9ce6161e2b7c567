"""What was stored under an older rule is still read: bounds count when something is entered."""

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from klima_measures.sheets.model.sheet import Sheet
from klima_shared.revisions.stored import read_stored

from ..conftest import SOEST, Client, sheet

SAVING = {"emissions_t_co2e": 5e9, "final_energy_mwh": -7e12, "affects_bisko": True}
TITLE = "Radnetz " * 100
BEYOND: dict[str, Any] = {"savings": [SAVING], "title": TITLE, "goal": "x <b>" + "y" * 20_000}


def test_a_stored_sheet_is_read_as_it_stands() -> None:
    document = sheet(**BEYOND)
    with pytest.raises(ValidationError):
        Sheet.model_validate(document)
    found = read_stored(Sheet, document)
    assert (found.title, found.goal, found.savings[0].emissions_t_co2e) == (
        TITLE,
        BEYOND["goal"],
        5e9,
    )
    assert read_stored(Sheet, sheet()) == Sheet.model_validate(sheet())


def test_what_is_no_sheet_is_not_read() -> None:
    with pytest.raises(ValidationError):
        read_stored(Sheet, sheet(savings=[{"affects_bisko": "perhaps"}]))


async def test_every_reading_of_a_sheet_from_before_a_bound(client: Client) -> None:
    measure = await client.published(
        number="ALT-1", savings=[{"emissions_t_co2e": 1.0, "affects_bisko": True}]
    )
    with psycopg.connect(client.database.owner_url) as connection:
        connection.execute(
            "update measures.measure_revision set document = document || %s",
            [Jsonb({"savings": [SAVING], "title": TITLE})],
        )
    manager, path = client.as_("manager"), f"/v1/measures/{measure['id']}"
    job = await manager.post("/v1/catalogues")
    catalogue = await client.get((await client.get(job.headers["location"])).json()["pdf"])
    assert catalogue.status_code == 200
    for reader in (client, manager):
        shown = (await reader.get(path)).json()
        assert shown["savings"][0]["emissions_t_co2e"] == 5e9
        old = f"/revisions/{shown['revision']}"
        for tail in ("/sheet", "/sheet.pdf", "/revisions", old, "/history"):
            answer = await reader.get(path + tail)
            assert answer.status_code == 200, (tail, answer.text)
        for listed in (
            "/v1/measures?limit=200",
            "/v1/measures?format=csv",
            "/v1/measures?format=xlsx",
            f"/v1/savings?region={SOEST}",
            "/embed/measures/05974",
        ):
            answer = await reader.get(listed)
            assert answer.status_code == 200, (listed, answer.text)
