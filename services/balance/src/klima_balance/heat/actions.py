"""Storing district heat networks; the factor is computed when a balance is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.engine.district_heat import HeatFactor
from klima_balance.figures.queries import revisions as records
from klima_balance.heat import queries as heat
from klima_balance.heat.rules import Network, factor_of
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.regions.tables import metadata
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, missing_if_match
from klima_shared.http.problems import invalid_at, not_found
from klima_shared.language.text import Text

ENTITY = "heat_supply"
MISSING = Text("There is no such network.")
Etag = Callable[[Mapping[str, Any]], str]


def key_of(ags: str, year: int, network: str) -> str:
    return f"{ags}/{year}/{network}"


def network_of(row: Mapping[str, Any]) -> Network:
    return Network(
        row["region"],
        row["name"],
        row["delivered_mwh"],
        row["plant"],
        row["declared"],
        row["source"],
    )


def served(row: Mapping[str, Any], method: Method, factor_set: str) -> HeatFactor:
    """The factor of a stored network and which way served. `InputError` for impossible plant
    data."""
    return factor_of(network_of(row), method, factor_set, row["year"])


async def put(
    write: AsyncConnection,
    editor: Principal,
    row: dict[str, Any],
    if_match: IfMatch | None,
    etag: Etag,
) -> tuple[dict[str, Any], bool]:
    """The stored network and whether it is new; a change needs the ETag it was made on."""
    ags, year, network = row["region"], row["year"], row["network"]
    region = await regions.find(write, ags)
    if region is None:
        raise not_found(Text("There is no region with the key {ags}.", ags=ags))
    editor.require(Role.EDITOR, ags)
    if not region["leaf"]:
        raise invalid_at("/path/ags", Text("A network belongs to a municipality."))
    before = await heat.find(write, ags, year, network, lock=True)
    if before is not None:
        if if_match is None:
            raise missing_if_match()
        if_match.check(etag(before))
    elif if_match is not None:
        raise not_found(Text("This network has been removed."))
    key = key_of(ags, year, network)
    revision = await records.next_revision(write, ENTITY, key, before["revision"] if before else 0)
    stored = await heat.put(write, row | {"revision": revision, "changed_by": editor.subject})
    await records.remember(
        write, ENTITY, key, {n: v for n, v in stored.items() if n not in heat.KEYS}
    )
    await audit.record(
        write,
        metadata,
        editor,
        action="update" if before else "create",
        entity=ENTITY,
        entity_id=key,
        region=ags,
        before=before,
        after=stored,
    )
    return stored, before is None


async def remove(
    write: AsyncConnection,
    editor: Principal,
    ags: str,
    year: int,
    network: str,
    if_match: IfMatch,
    etag: Etag,
) -> None:
    editor.require(Role.EDITOR, ags)
    before = await heat.find(write, ags, year, network, lock=True)
    if before is None:
        raise not_found(MISSING)
    if_match.check(etag(before))
    await heat.remove(write, ags, year, network)
    key = key_of(ags, year, network)
    revision = await records.next_revision(write, ENTITY, key, before["revision"])
    last = {n: v for n, v in before.items() if n not in heat.KEYS}
    await records.remember(
        write,
        ENTITY,
        key,
        last | {"revision": revision, "changed_by": editor.subject},
        deleted=True,
    )
    await audit.record(
        write,
        metadata,
        editor,
        action="delete",
        entity=ENTITY,
        entity_id=key,
        region=ags,
        before=before,
    )
