"""Publishing a balance: the next version of its region and year, with the reason of a correction.
It never changes again.

A sum (county, state, Germany) that is published equals what its members have published at every
moment: its next version comes in the transaction in which a member's does.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import documents, drafts
from klima_balance.balances.actions.inputs import method_with
from klima_balance.balances.queries import balances
from klima_balance.balances.queries.balances import Document
from klima_balance.balances.rules.corrections import changed_cells, reason_of
from klima_balance.engine.options import Options
from klima_balance.engine.records import digest
from klima_balance.factors import queries as factors
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.regions.queries import publication_time
from klima_balance.territory.actions import require_exists
from klima_shared.codes.access import Role
from klima_shared.codes.regions import ancestors
from klima_shared.http.problems import conflict, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject


async def publish(
    writer: Writer, identity: UUID, *, method: Method, reason: str | None = None
) -> Document:
    """Freeze a draft as the next version, and publish the next version of every published sum that
    it is a member of. 404, 403; 409 when it is published already, something newer is, its factor
    set is a draft, its energy is that of another year, its figures have changed since, or a sum
    can't follow; 422 for a year in which the region did not exist.

    A correction keeps its reason; where none is given, it says which cells changed.
    """
    write = writer.connection
    row = _readable(writer, await balances.find(write, identity))
    await balances.lock_year(write, [row.year])
    row, region = await _checked(writer, identity)
    await _require_current(write, row, orjson.loads(row.document), method)
    published = await _freeze(writer, row, reason)
    if region.leaf:
        await follow(writer, method, [published.region], published.year, _news(region.name, reason))
    return published


async def publish_drafts(
    writer: Writer, drafts: Sequence[UUID], *, method: Method, reason: str
) -> None:
    """Freeze drafts of municipalities and their sums as they were made; then the sums above them
    follow. The caller has locked their years."""
    members: dict[int, list[str]] = {}
    there: dict[int, set[str]] = {}
    for identity in drafts:
        row, region = await _checked(writer, identity)
        await _freeze(writer, row, reason)
        there.setdefault(row.year, set()).add(row.region)
        if region.leaf:
            members.setdefault(row.year, []).append(row.region)
    for year, changed in members.items():
        await follow(writer, method, changed, year, reason, without=there[year])


async def follow(
    writer: Writer,
    method: Method,
    changed: Sequence[str],
    year: int,
    reason: str,
    *,
    without: Collection[str] = (),
) -> None:
    """The next versions of the published sums over some municipalities, the innermost first. A sum
    that nobody has published is not made. 409 where the members don't add up: different options,
    or editions of the method. without: sums that were published with them."""
    write = writer.connection
    above = {sum_ for ags in changed for sum_ in ancestors(ags)[1:]} - set(without)
    heads = await balances.newest_heads(write, year, sorted(above))
    for ags in sorted(heads, key=lambda key: (-len(ancestors(key)), key)):
        region = await regions.get(write, ags)
        members = await drafts.members_of(write, ags, year)
        options = drafts.options_of_members(region, year, members, None)
        table = await method_with(write, method, options.factor_set)
        result = await drafts.sum_of(write, table, region, year, options, heads=members)
        if digest(result, ags) != heads[ags].digest:
            await publication_time(write)  # before the table is written to
            row = await drafts.store_draft(writer, result, drafts.named(region), members)
            await _freeze(writer, row, reason)


def _news(name: str, reason: str | None) -> str:
    return f"Neue Fassung von {name}" + (f": {reason}" if reason else ".")


def _readable(writer: Writer, row: Document | None) -> Document:
    if row is None or not (
        row.state == "published" or writer.principal.may_read_drafts(row.region)
    ):
        raise not_found(Text("There is no such balance."))
    writer.require(Role.MANAGER, row.region)
    return row


async def _checked(writer: Writer, identity: UUID) -> tuple[Document, regions.Region]:
    """A draft that may be published, locked, and its region."""
    write = writer.connection
    row = _readable(writer, await balances.find(write, identity, lock=True))
    writer.check_version(row.etag)
    if row.state == "published":
        raise conflict(
            Text("This balance is published and never changes. A correction is a new version.")
        )
    region = await regions.get(write, row.region)
    await require_exists(write, region, row.year, "/path/balance_id")
    draft = orjson.loads(row.document)
    _require_own_energy(draft)
    if await balances.outdated(write, identity):
        raise conflict(
            Text(
                "A newer version was published after this draft was computed. Please compute it "
                "anew."
            )
        )
    await _require_released(write, draft["factor_set"]["id"])
    return row, region


async def _freeze(writer: Writer, row: Document, reason: str | None) -> Document:
    """The next version of its region and year, out of a draft."""
    write, draft = writer.connection, orjson.loads(row.document)
    version = await balances.next_version(write, row.region, row.year)
    now = await publication_time(write)
    correction = await _correction(write, row, draft, version, reason)
    content, etag = documents.published(
        row.document, version=version, published_at=now, more=correction
    )
    published = row._replace(
        state="published", version=version, published_at=now, document=content, etag=etag
    )
    values = {"version": version, "published_at": now, "document": content, "etag": etag}
    why = {"published_by": writer.principal.subject, "reason": correction["reason"]}
    await balances.publish(write, row.id, values | why)
    after = {"version": version, "digest": row.digest, "reason": correction["reason"]}
    await writer.record(
        "publish",
        "balance",
        row.id,
        region=row.region,
        before={"state": "draft"},
        after={"state": "published"} | after,
    )
    return published


async def _require_current(
    write: AsyncConnection, row: Document, draft: JsonObject, method: Method
) -> None:
    """409 unless the same figures come out now."""
    options, ags = Options.from_dict(draft["options"]), row.region
    region = await regions.get(write, ags)
    table = await method_with(write, method, options.factor_set)
    result, _ = await drafts.computed(write, table, region, row.year, options)
    if digest(result, ags) != row.digest:
        raise conflict(
            Text(
                "The figures behind this draft have changed since it was computed. Please compute "
                "it anew, look at it, and publish that."
            )
        )


def _require_own_energy(draft: JsonObject) -> None:
    """No balance of a year is made of another year's energy."""
    for finding in draft["conformity"]["findings"]:
        if finding["rule"] == "national_energy_carried":
            raise conflict(
                Text(
                    "The energy of {year} is not known: the national figures of another year stand "
                    "in. This stays a draft until every cell of it is delivered.",
                    year=draft["year"],
                )
            )


async def _require_released(write: AsyncConnection, factor_set: str) -> None:
    stored = await factors.find(write, factor_set)
    if stored is None or stored.state != "released":
        raise conflict(
            Text("The factor set “{factor_set}” is not released.", factor_set=factor_set)
        )


async def _correction(
    write: AsyncConnection, row: Document, draft: JsonObject, version: int, reason: str | None
) -> JsonObject:
    """What a version says of the one before it."""
    before = await balances.published(write, row.region, row.year) if version > 1 else None
    if before is None:
        return {"reason": reason}
    old = orjson.loads(before.document)
    changes = changed_cells(old, draft)
    return {
        "reason": reason or reason_of(changes, old, draft),
        "corrects_version": before.version,
        "changes": changes[:50],
    }
