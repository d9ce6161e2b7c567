"""Tables of regions: the register, official figures, and boundaries where some are imported.

Every table of the service stands in the `metadata` of this module.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_shared.database.connections import service_metadata

metadata = service_metadata("balance")


def stamp(name: str, *, index: bool = False) -> Column[object]:
    """The column `<name>_at`: when something happened, by the clock of the database."""
    now = func.now()
    kind = DateTime(timezone=True)
    return Column(f"{name}_at", kind, nullable=False, server_default=now, index=index or None)


def revised() -> list[Column[object]]:
    """Revision, when and by whom: what can be changed has them."""
    return [
        Column("revision", Integer, nullable=False, server_default=text("1")),
        stamp("changed"),
        Column("changed_by", Text, nullable=False),
    ]


region = Table(
    "region",
    metadata,
    Column("ags", Text, primary_key=True),
    Column("ars", Text),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="country, state, county, municipality"),
    Column("designation", Text, comment="Stadt, Gemeinde, Kreis"),
    Column("parent", Text, ForeignKey("balance.region.ags"), index=True),
    Column(
        "leaf",
        Boolean,
        nullable=False,
        comment="balanced by itself; the others are sums of their members",
    ),
    Column("valid_from", Date),
    Column("valid_to", Date),
    stamp("changed"),
    comment="territorial units by official key",
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    comment="each source once; figures refer to it",
)

statistic = Table(
    "statistic",
    metadata,
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("statistic", Text, primary_key=True),
    Column(
        "flag",
        Text,
        primary_key=True,
        server_default=text("''"),
        comment="empty, implausible, correction",
    ),
    Column("value", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source_id", Integer, ForeignKey("balance.source.id"), nullable=False),
    Column("certainty", Text, nullable=False),
    Column("note", Text),
    Index(None, "year"),
    comment="official figures of regions, one row a figure",
)

region_geometry = Table(
    "region_geometry",
    metadata,
    Column("region", Text, ForeignKey("balance.region.ags", ondelete="CASCADE"), primary_key=True),
    Column(
        "geometry",
        JSONB,
        nullable=False,
        comment="GeoJSON Polygon or MultiPolygon in WGS 84, as it was imported",
    ),
    Column("source", Text, nullable=False, comment="attribution, as its licence wants it"),
    Column("licence", Text, nullable=False),
    Column("as_of", Date, comment="of when the boundary is"),
    stamp("imported"),
    comment="boundaries imported from a GeoJSON file",
)
