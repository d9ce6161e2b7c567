"""Balances of an organisation: computed from its registers, published as versions, and its
facilities in the territory."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import documents
from klima_balance.balances.actions.inputs import method_with
from klima_balance.engine.figures import FLEET, Figure
from klima_balance.engine.options import DEFAULT_FACTOR_SET
from klima_balance.figures.rules import Cell
from klima_balance.imports.actions import store_changes
from klima_balance.imports.model import ImportedFigure, ImportSource, OtherSource
from klima_balance.method.model import Method
from klima_balance.organisation import queries, rules
from klima_balance.organisation.actions.registers import open_organisation
from klima_balance.organisation.model import Area, Company, PlacedUse, PublishedBalance
from klima_balance.organisation.queries import ORGANISATIONS
from klima_balance.regions import queries as regions
from klima_shared.codes.access import Role
from klima_shared.codes.energy import Sector
from klima_shared.codes.quality import ActivityStatus, Grade
from klima_shared.http.problems import conflict, invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject


class Computed(NamedTuple):
    """A balance and the digest of everything that it is made of."""

    document: JsonObject
    digest: str


async def companies_of(connection: AsyncConnection, identity: UUID) -> list[Company]:
    holdings = await queries.holdings(connection, identity)
    shares = await queries.shares(connection, [row.id for row in holdings])
    return [Company(row, shares[row.id]) for row in holdings]


async def compute(
    read: AsyncConnection,
    method: Method,
    identity: UUID,
    year: int,
    factor_set: str = DEFAULT_FACTOR_SET,
) -> Computed:
    """The balance of an organisation as its registers stand now. 404 for no organisation, 422 for
    no factor set."""
    head = await entities.get(read, ORGANISATIONS, identity)
    table = await method_with(read, method, factor_set)
    companies = await companies_of(read, identity)
    uses = await queries.uses(read, identity, year)
    balance = rules.balance(companies, uses, table, factor_set, year)
    content = orjson.dumps(
        {"method": table.digest, "balance": balance}, option=orjson.OPT_SORT_KEYS
    )
    sources = sorted({use.source for use in uses})
    more = documents.head(table, factor_set, {}, sources, datetime.now(UTC))
    document = {
        "organisation": {
            "id": str(identity),
            "name": head.name,
            "region": head.region,
            "kind": "organisation",
        },
        "state": "draft",
        "version": None,
        "published_at": None,
        "reason": None,
        **balance,
        "factor_set": more["factor_set"],
        "meta": more["meta"],
    }
    return Computed(document, _digest(content))


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


async def publish(
    writer: Writer, method: Method, identity: UUID, year: int, reason: str | None
) -> JsonObject:
    """Freeze the balance of a year as the next version. 409 when nothing changed, or when there is
    nothing to publish."""
    head = await open_organisation(writer, identity, Role.MANAGER)
    if head.to_year is not None and year > head.to_year:
        until = Text("This organisation exists until {to_year} only.", to_year=head.to_year)
        raise conflict(until)
    computed = await compute(writer.connection, method, identity, year)
    if not computed.document["rows"]:
        raise conflict(Text("There are no figures for {year}.", year=year))
    before = await queries.published(writer.connection, identity, year)
    if before and before[0].digest == computed.digest:
        unchanged = Text("Nothing has changed since version {version}.", version=before[0].version)
        raise conflict(unchanged)
    version, now = (before[0].version if before else 0) + 1, datetime.now(UTC)
    document = computed.document | {
        "state": "published",
        "version": version,
        "published_at": now.isoformat().replace("+00:00", "Z"),
        "reason": reason,
    }
    row = PublishedBalance(
        organisation_id=identity,
        year=year,
        version=version,
        digest=computed.digest,
        document=orjson.dumps(document),
        reason=reason,
        published_at=now,
        published_by=writer.principal.subject,
    )
    await queries.publish(writer.connection, row)
    await writer.record(
        "publish",
        "organisation.balance",
        f"{identity}/{year}",
        region=head.region,
        after={"version": version, "digest": computed.digest, "reason": reason},
    )
    return document


@dataclass(frozen=True, slots=True)
class IntoTerritory:
    """What was written into the balance of the municipality; no import when nothing changed."""

    import_id: UUID | None
    rows: int
    added: int
    changed: int
    unchanged: int


async def copy_into_territory(
    writer: Writer, identity: UUID, year: int, otherwise: OtherSource
) -> IntoTerritory:
    """The administration's own facilities as municipal facilities of its municipality, and its
    fleet as the memo.

    One import that can be taken back; what stands there already is not written again. Only what
    lies in the municipality counts, holdings never do, and commerce gives the facilities up where
    it contains them. 409 for cells with another source's figure, unless `otherwise` says what
    becomes of them.
    """
    write = writer.connection
    head = await entities.get(write, ORGANISATIONS, identity)
    ags = head.region
    writer.require(Role.EDITOR, ags)
    region = await regions.find(write, ags)
    if region is None or not region.leaf:
        raise invalid_at(
            "/path/organisation_id",
            Text(
                "Only the administration of a municipality has municipal facilities in its balance."
            ),
        )
    uses = await queries.uses(write, identity, year)
    figures = _figures(ags, year, head.name, uses)
    content = orjson.dumps([(f.place, f.figure) for f in figures])
    source = ImportSource("properties", head.name, _digest(content), len(content), len(figures))
    changes = await store_changes(writer, source, figures, otherwise=otherwise)
    counts = changes._asdict()
    del counts["replaced"]
    return IntoTerritory(rows=len(figures), **counts)


def _figures(ags: str, year: int, name: str, uses: Sequence[PlacedUse]) -> list[ImportedFigure]:
    groups: dict[Cell, list[PlacedUse]] = {}
    for use in uses:
        if use.holding_id is None and use.property_region in (None, ags):
            fleet = use.area == Area.FLEET
            sector = Sector.TRANSPORT if fleet else Sector.MUNICIPAL
            cell = Cell(sector.value, use.carrier, FLEET if fleet else use.area)
            groups.setdefault(cell, []).append(use)
    figures = []
    for line, cell in enumerate(sorted(groups, key=lambda c: c.key), start=1):
        group = groups[cell]
        mwh = sum(use.quantity_mwh for use in group)
        figure = Figure(
            region=ags,
            year=year,
            sector=cell.sector,
            carrier=cell.carrier,
            category=cell.category,
            quantity=mwh,
            unit="MWh",
            quantity_mwh=mwh,
            status=_status_of(group),
            grade=max((Grade(use.grade) for use in group), key=lambda g: g.rank).value,
            source=f"Liegenschaftsregister {name}",  # the same however many there are
            note=f"{len(group)} Angaben",
        )
        figures.append(ImportedFigure(line, figure))
    return figures


def _status_of(uses: Sequence[PlacedUse]) -> str:
    """The weakest statement of several."""
    for status in (ActivityStatus.CONFIRMED_ZERO, ActivityStatus.MEASURED):
        if all(use.status == status for use in uses):
            return status.value
    return ActivityStatus.ESTIMATED.value
