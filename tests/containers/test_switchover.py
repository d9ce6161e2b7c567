"""On a replicated Postgres (Patroni) the leading node changes in the middle of work: readers notice
nothing, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.containers.conftest import Installation, building
from tests.containers.load import Load

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def replicated(engine: None) -> Iterator[Installation]:
    with building(Installation(files=("deploy/patroni/compose.yml",))) as installation:
        installation.up()
        yield installation


def leader(installation: Installation) -> str:
    said = installation.compose(
        "exec", "-T", "pg1", "patronictl", "-c", "/tmp/patroni.yml", "list", "-f", "json"
    )
    return next(str(node["Member"]) for node in json.loads(said) if node["Role"] == "Leader")


async def test_a_planned_switchover(
    replicated: Installation, bodies: dict[str, dict[str, Any]]
) -> None:
    with replicated.manager() as manager:
        token = manager.headers["Authorization"]
    before = await asyncio.to_thread(leader, replicated)
    async with Load(replicated.origin, token, "measures", bodies["measures"]) as load:
        await load.warm(3.0)
        written = len(load.acknowledged)
        assert written > 0
        await asyncio.to_thread(
            replicated.compose,
            "exec",
            "-T",
            "pg1",
            "patronictl",
            "-c",
            "/tmp/patroni.yml",
            "switchover",
            "--force",
        )
        began = time.monotonic()
        while time.monotonic() - began < 60:  # until writing has gone on for a while
            await load.warm(1.0)
            if time.monotonic() - began > 10 and len(load.acknowledged) > written + 20:
                break
    print(f"switchover: {load.summary()}, writes stopped for {load.longest_pause:.1f} s")
    assert await asyncio.to_thread(leader, replicated) != before
    assert len(load.acknowledged) > written + 20
    assert load.reads > 100
    assert [fault for fault in load.faults if fault.startswith("GET")] == []
    # A write that met the change was refused, and its writer knows it.
    assert all(fault.startswith("POST 50") for fault in load.faults), load.faults
    assert await load.lost() == []
