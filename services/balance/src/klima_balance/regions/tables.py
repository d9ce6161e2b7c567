"""Tables of regions: the register, official figures, and boundaries where some are imported.

Every table of the service stands in the `metadata` of this module.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_shared.database.connections import service_metadata
from klima_shared.revisions.tables import optional, stamp, stamps

metadata = service_metadata("balance")


def of_region(*, primary_key: bool = False, index: bool = False) -> sa.Column[object]:
    """The column `region` of what belongs to one."""
    key = sa.ForeignKey("balance.region.ags")
    return sa.Column(
        "region", sa.Text, key, primary_key=primary_key, index=index or None, nullable=False
    )


def revised() -> list[sa.Column[object]]:
    """Revision, when and by whom: what can be changed has them."""
    return [
        sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
        *stamps(),
    ]


region = sa.Table(
    "region",
    metadata,
    sa.Column("ags", sa.Text, primary_key=True),
    sa.Column("ars", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="country, state, county, municipality"),
    sa.Column("designation", sa.Text, comment="Stadt, Gemeinde, Kreis"),
    sa.Column("parent", sa.Text, sa.ForeignKey("balance.region.ags"), index=True),
    sa.Column(
        "leaf",
        sa.Boolean,
        nullable=False,
        comment="balanced by itself; the others are sums of their members",
    ),
    *optional(sa.Date, "valid_from", "valid_to"),
    sa.Column("validity", sa.Text, comment="what the days are from: register, tables"),
    stamp("changed"),
    comment="territorial units by official key",
)

source = sa.Table(
    "source",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("text", sa.Text, nullable=False, unique=True),
    comment="each source once; figures refer to it",
)

statistic = sa.Table(
    "statistic",
    metadata,
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column("statistic", sa.Text, primary_key=True),
    sa.Column(
        "flag",
        sa.Text,
        primary_key=True,
        server_default=sa.text("''"),
        comment="empty, implausible, correction",
    ),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("source_id", sa.Integer, sa.ForeignKey("balance.source.id"), nullable=False),
    sa.Column("certainty", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Index(None, "year"),
    comment="official figures of regions, one row a figure",
)

region_geometry = sa.Table(
    "region_geometry",
    metadata,
    sa.Column(
        "region", sa.Text, sa.ForeignKey("balance.region.ags", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "geometry",
        JSONB,
        nullable=False,
        comment="GeoJSON Polygon or MultiPolygon in WGS 84, as it was imported",
    ),
    sa.Column("source", sa.Text, nullable=False, comment="attribution, as its licence wants it"),
    sa.Column("licence", sa.Text, nullable=False),
    sa.Column("as_of", sa.Date, comment="of when the boundary is"),
    stamp("imported"),
    comment="boundaries imported from a GeoJSON file",
)
