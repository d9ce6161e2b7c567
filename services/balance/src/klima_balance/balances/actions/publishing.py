"""Publishing a balance: the next version of its region and year, with the reason of a correction.
It never changes again."""

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
from klima_shared.http.problems import conflict, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject


async def publish(
    writer: Writer, identity: UUID, *, reason: str | None = None, method: Method | None = None
) -> Document:
    """Freeze a draft as the next version. 404, 403; 409 when it is published already, something
    newer is, its factor set is a draft, or its energy is that of another year. method: 409, too,
    when its figures have changed since it was computed.

    A correction keeps its reason; where none is given, it says which cells changed.
    """
    write = writer.connection
    row = await balances.find(write, identity, lock=True)
    if row is None or not (
        row.state == "published" or writer.principal.may_read_drafts(row.region)
    ):
        raise not_found(Text("There is no such balance."))
    writer.require(Role.MANAGER, row.region)
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
    if method is not None:
        await _require_current(write, row, draft, method)
    await _require_released(write, draft["factor_set"]["id"])
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
    await balances.publish(write, identity, values | why)
    after = {"version": version, "digest": row.digest, "reason": correction["reason"]}
    await writer.record(
        "publish",
        "balance",
        identity,
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
