"""Uploading and releasing factor sets."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.factors import queries as factors
from klima_balance.method.model import FACTOR_COLUMNS, factor_digest
from klima_balance.regions.tables import metadata
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, conflict, invalid, not_found
from klima_shared.language.text import Text


async def upload(
    write: AsyncConnection, keeper: Principal, content: dict[str, Any]
) -> dict[str, Any]:
    """Store a new set as a draft. 409 when the id is taken, 422 for two rows of one category, year
    and gas."""
    rows = content.pop("factors")
    identity = content["id"]
    if await factors.find(write, identity):
        raise conflict(
            Text(
                "The factor set “{identity}” exists and is never overwritten. Please choose a new "
                "id.",
                identity=identity,
            )
        )
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows):
        key = (row["category"], row["year"], row["gas"])
        if key in seen:
            text = Text(
                "Row {number} repeats {key} {key_2} {key_3} of row {seen}.",
                number=number + 1,
                key=key[0],
                key_2=key[1] or "",
                key_3=key[2],
                seen=seen[key] + 1,
            )
            raise invalid(text, FieldError(f"/body/factors/{number}", text))
        seen[key] = number
    digest = factor_digest(pd.DataFrame(rows, columns=list(FACTOR_COLUMNS)))
    header = content | {
        "state": "draft",
        "gwp_set": None,
        "digest": digest,
        "shipped": False,
        "created_by": keeper.subject,
    }
    await factors.add(write, header, rows)
    await audit.record(
        write,
        metadata,
        keeper,
        action="create",
        entity="factor_set",
        entity_id=identity,
        after={"digest": digest, "rows": len(rows)},
    )
    stored = await factors.find(write, identity)
    assert stored is not None  # noqa: S101
    return stored


async def release(write: AsyncConnection, keeper: Principal, identity: str) -> dict[str, Any]:
    """Release a draft. 404 when there is none, 409 when it is released already."""
    before = await factors.find(write, identity, lock=True)
    if before is None:
        raise not_found(Text("There is no factor set “{identity}”.", identity=identity))
    if before["state"] == "released":
        raise conflict(Text("This factor set is released already."))
    await factors.release(write, identity)
    await audit.record(
        write,
        metadata,
        keeper,
        action="release",
        entity="factor_set",
        entity_id=identity,
        before={"state": "draft"},
        after={"state": "released"},
    )
    after = await factors.find(write, identity)
    assert after is not None  # noqa: S101
    return after
