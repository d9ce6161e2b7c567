"""Another factor set for all years of a region at once: drafts, a report of the differences, then
all of them published."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import anyio
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import drafts as single
from klima_balance.balances.actions import publishing
from klima_balance.balances.actions.inputs import load_inputs, method_with
from klima_balance.balances.queries import balances, recalculations
from klima_balance.balances.queries.recalculations import Recalculation
from klima_balance.balances.rules.corrections import difference
from klima_balance.engine.balance import aggregate
from klima_balance.engine.records import digest
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_shared.codes.access import Role
from klima_shared.http.auth import Principal
from klima_shared.http.problems import conflict, invalid_at, not_found
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

MOST = 2000  # balances in one recalculation


@dataclass
class _Report:
    """The drafts of a recalculation and what they change."""

    drafts: list[UUID] = field(default_factory=list)
    items: list[JsonObject] = field(default_factory=list)
    changed_figures: list[JsonObject] = field(default_factory=list)


async def recalculate(
    writer: Writer,
    method: Method,
    ags: str,
    *,
    factor_set: str,
    years: Sequence[int] | None,
    reason: str,
) -> Recalculation:
    """Drafts of every published balance of a region and its municipalities with another factor set,
    and the report."""
    write = writer.connection
    region = await regions.get(write, ags)
    writer.require(Role.EDITOR, ags)
    table = await method_with(write, method, factor_set)
    chosen = await _chosen_years(write, await regions.leaves(write, ags, None), years)
    report = _Report()
    for year in chosen:
        new = _NewFactors(method, table, factor_set, year)
        await _recalculate_year(writer, new, region, report)
    row = Recalculation(
        id=uuid4(),
        region=ags,
        factor_set=factor_set,
        reason=reason,
        years=chosen,
        report={"items": report.items, "changed_figures": report.changed_figures},
        created_at=datetime.now(UTC),
        created_by=writer.principal.subject,
    )
    await recalculations.add_recalculation(write, asdict(row))
    await recalculations.mark_recalculated(write, report.drafts, row.id)
    after = {"factor_set": factor_set, "years": chosen, "drafts": len(report.drafts)}
    after["reason"] = reason
    await writer.record("recalculate", "recalculation", row.id, region=ags, after=after)
    return row


async def _chosen_years(
    connection: AsyncConnection, leaves: Sequence[str], years: Sequence[int] | None
) -> list[int]:
    published = await balances.published_years(connection, leaves)
    chosen = sorted(set(years) if years else published)
    if unknown := [y for y in chosen if y not in published]:
        text = Text("Nothing is published for {map}.", map=", ".join(map(str, unknown)))
        raise invalid_at("/body/years", text)
    count = len(leaves) * len(chosen)
    if not chosen or count > MOST:
        text = Text(
            "Here it is {count} balances; 1 to {most} are possible.", count=count, most=MOST
        )
        raise invalid_at("/path/ags", text)
    return chosen


@dataclass(frozen=True)
class _NewFactors:
    """The method with another factor set in it, for one year."""

    method: Method
    table: Method
    factor_set: str
    year: int


async def _recalculate_year(
    writer: Writer, new: _NewFactors, region: regions.Region, report: _Report
) -> None:
    """Drafts of a year, their differences, and the regions whose figures changed since they were
    published."""
    write, ags, year = writer.connection, region.ags, new.year
    leaves = await regions.leaves(write, ags, year)
    heads = await balances.newest_heads(write, year, leaves)
    options = single.options_of_members(region, year, heads, None)
    members = sorted(heads)
    inputs = await load_inputs(write, year, members)
    before = {
        row.region: orjson.loads(row.document)
        for row in await balances.newest_documents(write, [*members, ags], year)
    }
    run_sync, chosen = anyio.to_thread.run_sync, replace(options, factor_set=new.factor_set)
    try:
        old_table = await method_with(write, new.method, options.factor_set)
        now = await run_sync(single.compute, inputs, old_table, year, options, members)
        result = await run_sync(single.compute, inputs, new.table, year, chosen, members)
    except InputError as error:
        raise single.input_problem(error) from error
    report.changed_figures += [
        {"region": key, "year": year}
        for key, head in heads.items()
        if key not in now.position or digest(now, key) != head.digest
    ]
    names = await regions.names(write)
    items: list[JsonObject] = []
    drafts: dict[str, balances.Head] = {}
    for key in members:
        row = await single.store_draft(writer, result, single.Named(key, *names[key]))
        drafts[key] = heads[key]._replace(id=row.id)
        items.append(difference(before.get(key), orjson.loads(row.document)))
    report.drafts += [head.id for head in drafts.values()]
    if not region.leaf:
        sums = aggregate(result, {ags: members}, expected={ags: len(leaves)})
        row = await single.store_draft(writer, sums, single.named(region), drafts)
        report.drafts.append(row.id)
        items.insert(0, difference(before.get(ags), orjson.loads(row.document)))
    report.items += items


async def find(
    read: AsyncConnection, caller: Principal, identity: UUID, *, lock: bool = False
) -> Recalculation:
    """404 also for who may not read the drafts of its region."""
    row = await recalculations.find_recalculation(read, identity, lock=lock)
    if row is None or not caller.may_read_drafts(row.region):
        raise not_found(Text("There is no such recalculation."))
    return row


async def publish(writer: Writer, method: Method, identity: UUID) -> Recalculation:
    """Publish all its drafts as the next versions. 409 when it is done, when one of the balances
    has moved on, or when a published sum above them can't follow."""
    write = writer.connection
    row = await find(write, writer.principal, identity, lock=True)
    writer.require(Role.MANAGER, row.region)
    await balances.lock_year(write, row.years)
    if row.published_at is not None:
        raise conflict(Text("This recalculation is published already."))
    before = {
        (item["region"], item["year"]): item["version_before"] for item in row.report["items"]
    }
    drafts = await recalculations.drafts_of(write, identity)
    moved = [
        f"{draft.region}/{draft.year}"
        for draft in drafts
        if await balances.next_version(write, draft.region, draft.year)
        != (before[draft.region, draft.year] or 0) + 1
    ]
    if moved:
        raise conflict(
            Text(
                "Something new was published meanwhile: {moved}. Please recalculate.",
                moved=", ".join(moved[:10]),
            ),
            balances=moved[:200],
        )
    every = [draft.id for draft in drafts]
    await publishing.publish_drafts(writer, every, method=method, reason=row.reason)
    now, by = datetime.now(UTC), writer.principal.subject
    await recalculations.publish_recalculation(write, identity, now, by)
    after = {"balances": len(drafts), "factor_set": row.factor_set}
    await writer.record("publish", "recalculation", identity, region=row.region, after=after)
    return replace(row, published_at=now, published_by=by)
