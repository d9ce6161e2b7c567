"""Publishing a balance: the next version of its region and year, with the reason of a correction.
It never changes again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import documents
from klima_balance.balances.queries import balances
from klima_balance.balances.rules.corrections import changed_cells, reason_of
from klima_balance.factors import queries as factors
from klima_balance.regions.queries import publication_time
from klima_balance.regions.tables import metadata
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import conflict, not_found
from klima_shared.language.text import Text


async def publish(
    write: AsyncConnection,
    manager: Principal,
    identity: UUID,
    if_match: IfMatch | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Freeze a draft as the next version. 404, 403; 409 when it is published already or its factor
    set is a draft.

    A correction keeps its reason; where none is given, it says which cells changed.
    """
    row = await balances.find(write, identity, lock=True)
    if row is None:
        raise not_found(Text("There is no such balance."))
    manager.require(Role.MANAGER, row["region"])
    if if_match is not None:
        if_match.check(row["etag"])
    if row["state"] == "published":
        raise conflict(
            Text("This balance is published and never changes. A correction is a new version.")
        )
    drafted = orjson.loads(row["document"])
    factor_set = drafted["factor_set"]["id"]
    found = await factors.find(write, factor_set)
    if found is None or found["state"] != "released":
        raise conflict(
            Text("The factor set “{factor_set}” is not released.", factor_set=factor_set)
        )
    version, now = (
        await balances.next_version(write, row["region"], row["year"]),
        await publication_time(write),
    )
    correction: dict[str, Any] = {"reason": reason}
    if (
        version > 1
        and (before := await balances.published(write, row["region"], row["year"])) is not None
    ):
        old = orjson.loads(before.document)
        changes = changed_cells(old, drafted)
        correction = {
            "reason": reason or reason_of(changes, old, drafted),
            "corrects_version": before.version,
            "changes": changes[:50],
        }
    content, etag = documents.published(
        row["document"], version=version, published_at=now, more=correction
    )
    values = {
        "version": version,
        "published_at": now,
        "published_by": manager.subject,
        "document": content,
        "etag": etag,
        "reason": correction["reason"],
    }
    await balances.publish(write, identity, values)
    await audit.record(
        write,
        metadata,
        manager,
        action="publish",
        entity="balance",
        entity_id=identity,
        region=row["region"],
        before={"state": "draft"},
        after={
            "state": "published",
            "version": version,
            "digest": row["digest"],
            "reason": correction["reason"],
        },
    )
    return {**row, **values, "state": "published"}
