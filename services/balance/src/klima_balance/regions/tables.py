"""The table of municipal boundaries. Empty unless an installation imports some: the program ships
none."""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, ForeignKey, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.balances.tables import metadata

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
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="boundaries imported from a GeoJSON file",
)
