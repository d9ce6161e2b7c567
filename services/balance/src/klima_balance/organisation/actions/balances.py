"""Balances of an organisation: computed from its registers, published as versions, and its
facilities in the territory."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import documents
from klima_balance.balances.actions.inputs import method_with
from klima_balance.engine.figures import FLEET
from klima_balance.engine.options import DEFAULT_FACTOR_SET
from klima_balance.figures.rules import Cell
from klima_balance.imports import queries as imports
from klima_balance.imports.actions.figures import DeliveredFigure
from klima_balance.method.model import Method
from klima_balance.organisation import queries as organisations
from klima_balance.organisation import rules as domain
from klima_balance.organisation.actions.registers import find
from klima_balance.regions import queries as regions
from klima_balance.regions.tables import metadata
from klima_shared.codes.lists import Grade, Role, Sector
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.problems import conflict, invalid_at
from klima_shared.language.text import Text


class Computed(NamedTuple):
    """A balance and the digest of everything that it is made of."""

    document: dict[str, Any]
    digest: str


async def compute(
    read: AsyncConnection,
    method: Method,
    identity: UUID,
    year: int,
    factor_set: str = DEFAULT_FACTOR_SET,
) -> Computed:
    """The balance of an organisation as its registers stand now. 404 for no organisation, 422 for
    no factor set."""
    head = await find(read, "organisation", identity)
    table, _ = await method_with(read, method, factor_set)
    rows = await organisations.holdings_of(read, identity)
    shares = await organisations.shares(read, [row["id"] for row in rows])
    holdings = [
        domain.Holding(
            str(row["id"]),
            row["name"],
            tuple(domain.Share(s["from_year"], s["share_percent"]) for s in shares[row["id"]]),
        )
        for row in rows
    ]
    uses = [
        domain.Use(
            None if u["holding_id"] is None else str(u["holding_id"]),
            u["area"],
            u["carrier"],
            u["quantity_mwh"],
            u["status"],
            u["grade"],
            u["source"],
            " ".join(part for part in (u["property_name"], u["meter"], u["vehicle"]) if part),
        )
        for u in await organisations.uses(read, identity, year)
    ]
    found = domain.balance(holdings, uses, table, factor_set, year)
    content = orjson.dumps({"method": table.digest, "balance": found}, option=orjson.OPT_SORT_KEYS)
    about = {
        "id": str(identity),
        "name": head["name"],
        "region": head["region"],
        "kind": "organisation",
    }
    sources = sorted({use.source for use in uses})
    more = documents.head(table, factor_set, {}, sources, datetime.now(UTC))
    document = {
        "organisation": about,
        "state": "draft",
        "version": None,
        "published_at": None,
        "reason": None,
        **found,
        "factor_set": more["factor_set"],
        "meta": more["meta"],
    }
    return Computed(document, "sha256:" + hashlib.sha256(content).hexdigest())


async def publish(
    write: AsyncConnection,
    manager: Principal,
    method: Method,
    identity: UUID,
    year: int,
    reason: str | None,
) -> dict[str, Any]:
    """Freeze the balance of a year as the next version. 409 when nothing changed, or when there is
    nothing to publish."""
    head = await organisations.find(write, "organisation", identity, lock=True) or await find(
        write, "organisation", identity
    )
    manager.require(Role.MANAGER, head["region"])
    if head["to_year"] is not None and year > head["to_year"]:
        raise conflict(
            Text("This organisation exists until {to_year} only.", to_year=head["to_year"])
        )
    computed = await compute(write, method, identity, year)
    if not computed.document["rows"]:
        raise conflict(Text("There are no figures for {year}.", year=year))
    before = await organisations.published(write, identity, year)
    if before and before[0]["digest"] == computed.digest:
        raise conflict(
            Text("Nothing has changed since version {version}.", version=before[0]["version"])
        )
    version, now = (before[0]["version"] if before else 0) + 1, datetime.now(UTC)
    document = computed.document | {
        "state": "published",
        "version": version,
        "published_at": now.isoformat().replace("+00:00", "Z"),
        "reason": reason,
    }
    await organisations.publish(
        write,
        {
            "organisation_id": identity,
            "year": year,
            "version": version,
            "digest": computed.digest,
            "document": orjson.dumps(document),
            "reason": reason,
            "published_at": now,
            "published_by": manager.subject,
        },
    )
    await audit.record(
        write,
        metadata,
        manager,
        action="publish",
        entity="organisation.balance",
        entity_id=f"{identity}/{year}",
        region=head["region"],
        after={"version": version, "digest": computed.digest, "reason": reason},
    )
    return document


async def into_territory(
    write: AsyncConnection, editor: Principal, identity: UUID, year: int
) -> dict[str, Any]:
    """The administration's own facilities as municipal facilities of its municipality, and its
    fleet as the memo.

    One import that can be taken back; what stands there already is not written again. Only what
    lies in the municipality counts, holdings never do, and commerce gives the facilities up where
    it contains them.
    """
    head = await find(write, "organisation", identity)
    ags = head["region"]
    editor.require(Role.EDITOR, ags)
    region = await regions.find(write, ags)
    if region is None or not region["leaf"]:
        raise invalid_at(
            "/path/organisation_id",
            Text(
                "Only the administration of a municipality has municipal facilities in its balance."
            ),
        )
    await imports.lock(write)
    figures = _figures(
        ags, year, head["name"], [dict(u) for u in await organisations.uses(write, identity, year)]
    )
    current = await imports.current(write, [ags], [year])
    new = [f for f in figures if current.get(f.place) != f.content]
    counts = {
        "added": sum(1 for f in new if f.place not in current),
        "changed": sum(1 for f in new if f.place in current),
        "unchanged": len(figures) - len(new),
    }
    if not new:
        return {"import_id": None, "rows": len(figures), **counts}
    content = orjson.dumps([(f.place, f.content) for f in figures])
    import_head = {
        "id": uuid4(),
        "kind": "properties",
        "file_name": head["name"],
        "size_bytes": len(content),
        "digest": "sha256:" + hashlib.sha256(content).hexdigest(),
        "rows": len(figures),
        "regions": [ags],
        "years": [year],
        "created_by": editor.subject,
        **counts,
    }
    await imports.store(
        write, import_head, [(f.line, *f.place, *f.content) for f in new], editor.subject
    )
    await audit.record(
        write,
        metadata,
        editor,
        action="import",
        entity="data_import",
        entity_id=import_head["id"],
        region=ags,
        after=import_head,
    )
    return {"import_id": import_head["id"], "rows": len(figures), **counts}


def _figures(ags: str, year: int, name: str, uses: list[dict[str, Any]]) -> list[DeliveredFigure]:
    groups: dict[Cell, list[dict[str, Any]]] = {}
    for use in uses:
        if use["holding_id"] is not None or use["property_region"] not in (None, ags):
            continue
        fleet = use["area"] == domain.Area.FLEET
        sector = Sector.TRANSPORT.value if fleet else Sector.MUNICIPAL.value
        groups.setdefault(Cell(sector, use["carrier"], FLEET if fleet else use["area"]), []).append(
            use
        )
    figures = []
    for line, cell in enumerate(sorted(groups, key=lambda c: c.key), start=1):
        group = groups[cell]
        mwh = sum(use["quantity_mwh"] for use in group)
        worst = max((Grade(use["grade"]) for use in group), key=lambda g: g.rank)
        measured = all(use["status"] == "measured" for use in group)
        zero = all(use["status"] == "confirmed_zero" for use in group)
        status = "confirmed_zero" if zero else "measured" if measured else "estimated"
        source = f"Liegenschaftsregister {name}, {len(group)} Angaben"
        content = (
            cell.sector,
            cell.carrier,
            cell.category,
            mwh,
            "MWh",
            mwh,
            status,
            worst.value,
            source,
            None,
            True,
        )
        figures.append(DeliveredFigure(line, (ags, year, cell.key), content))
    return figures
