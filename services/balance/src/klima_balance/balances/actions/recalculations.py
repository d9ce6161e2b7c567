"""Another factor set for all years of a region at once: drafts, a report of the differences, then
published together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import anyio
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import drafts as single
from klima_balance.balances.actions import publishing
from klima_balance.balances.actions.inputs import load_inputs, method_with
from klima_balance.balances.queries import balances, recalculations
from klima_balance.balances.rules.corrections import difference
from klima_balance.engine.balance import aggregate
from klima_balance.method.errors import InputError
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.regions.tables import metadata
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.problems import conflict, invalid_at, not_found
from klima_shared.language.text import Text

MOST = 2000  # balances in one recalculation


async def recalculate(
    write: AsyncConnection,
    editor: Principal,
    method: Method,
    ags: str,
    factor_set: str,
    years: Sequence[int] | None,
    reason: str,
) -> dict[str, Any]:
    """Drafts of every published balance of a region and its municipalities with another factor set,
    and the report."""
    region = await regions.find(write, ags)
    if region is None:
        raise not_found(Text("There is no region with the key {ags}.", ags=ags))
    editor.require(Role.EDITOR, ags)
    table, _ = await method_with(write, method, factor_set)
    leaves = await regions.leaves(write, ags)
    known = await recalculations.published_years(write, leaves)
    chosen = sorted(set(years) if years else known)
    if unknown := [y for y in chosen if y not in known]:
        raise invalid_at(
            "/body/years", Text("Nothing is published for {map}.", map=", ".join(map(str, unknown)))
        )
    if not chosen or len(leaves) * len(chosen) > MOST:
        raise invalid_at(
            "/path/ags",
            Text(
                "Here it is {count} balances; 1 to {most} are possible.",
                count=len(leaves) * len(chosen),
                most=MOST,
            ),
        )
    report: dict[str, Any] = {"items": [], "changed_figures": []}
    drafts: list[UUID] = []
    for year in chosen:
        made, items, stale = await _year(
            write, editor, method, table, region, leaves, year, factor_set
        )
        drafts += made
        report["items"] += items
        report["changed_figures"] += [{"region": key, "year": year} for key in stale]
    identity = uuid4()
    row = {
        "id": identity,
        "region": ags,
        "factor_set": factor_set,
        "reason": reason,
        "years": chosen,
        "report": report,
        "created_by": editor.subject,
        "created_at": datetime.now(UTC),
    }
    await recalculations.add(write, row)
    await recalculations.mark(write, drafts, identity)
    await audit.record(
        write,
        metadata,
        editor,
        action="recalculate",
        entity="recalculation",
        entity_id=identity,
        region=ags,
        after={"factor_set": factor_set, "years": chosen, "drafts": len(drafts), "reason": reason},
    )
    return row | {"published_at": None, "published_by": None}


async def _year(
    write: AsyncConnection,
    editor: Principal,
    method: Method,
    table: Method,
    region: Mapping[str, Any],
    leaves: Sequence[str],
    year: int,
    factor_set: str,
) -> tuple[list[UUID], list[dict[str, Any]], list[str]]:
    """Drafts of a year, their differences, and the regions whose figures changed since they were
    published."""
    ags = region["ags"]
    heads = await balances.newest_heads(write, year, leaves)
    options = single.options_of_members(region, year, heads, None)
    members = sorted(heads)
    inputs = await load_inputs(write, year, members)
    before = {
        row.region: orjson.loads(row.document)
        for row in await balances.newest_documents(write, [*members, ags], year)
    }
    try:
        old_table, _ = await method_with(write, method, options.factor_set)
        now = await anyio.to_thread.run_sync(
            single.compute, inputs, old_table, year, options, members
        )
        new = replace(options, factor_set=factor_set)
        result = await anyio.to_thread.run_sync(single.compute, inputs, table, year, new, members)
    except InputError as error:
        raise single.input_problem(error) from error
    stale = [
        key
        for key, head in heads.items()
        if key not in now.position or now.digest(key) != head.digest
    ]
    names = await regions.names(write)
    drafts: list[UUID] = []
    items: list[dict[str, Any]] = []
    made: dict[str, balances.Head] = {}
    for key in members:
        known = {"ags": key, "name": names[key][0], "kind": names[key][1]}
        row = await single.stored_draft(write, editor, result, known, {})
        made[key] = heads[key]._replace(id=row["id"])
        drafts.append(row["id"])
        items.append(difference(before.get(key), orjson.loads(row["document"])))
    if not region["leaf"]:
        sums = aggregate(result, {ags: members}, expected={ags: len(leaves)})
        row = await single.stored_draft(write, editor, sums, region, made)
        drafts.append(row["id"])
        items.insert(0, difference(before.get(ags), orjson.loads(row["document"])))
    return drafts, items, stale


async def find(
    read: AsyncConnection, caller: Principal, identity: UUID, *, lock: bool = False
) -> dict[str, Any]:
    row = await recalculations.find(read, identity, lock=lock)
    if row is None:
        raise not_found(Text("There is no such recalculation."))
    caller.require(Role.VIEWER, row["region"])
    return row


async def publish(write: AsyncConnection, manager: Principal, identity: UUID) -> dict[str, Any]:
    """Publish all its drafts as the next versions. 409 when it is done, or when one of the balances
    has moved on."""
    row = await find(write, manager, identity, lock=True)
    manager.require(Role.MANAGER, row["region"])
    if row["published_at"] is not None:
        raise conflict(Text("This recalculation is published already."))
    before = {
        (item["region"], item["year"]): item["version_before"] for item in row["report"]["items"]
    }
    drafts = await recalculations.drafts(write, identity)
    moved = []
    for _, region, year in drafts:
        if await balances.next_version(write, region, year) != (before[region, year] or 0) + 1:
            moved.append(f"{region}/{year}")
    if moved:
        raise conflict(
            Text(
                "Something new was published meanwhile: {moved}. Please recalculate.",
                moved=", ".join(moved[:10]),
            ),
            balances=moved[:200],
        )
    for draft, _, _ in drafts:
        await publishing.publish(write, manager, draft, reason=row["reason"])
    values = {"published_at": datetime.now(UTC), "published_by": manager.subject}
    await recalculations.published_at(write, identity, values)
    await audit.record(
        write,
        metadata,
        manager,
        action="publish",
        entity="recalculation",
        entity_id=identity,
        region=row["region"],
        after={"balances": len(drafts), "factor_set": row["factor_set"]},
    )
    return row | values
