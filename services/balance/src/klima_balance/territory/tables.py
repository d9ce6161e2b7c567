"""Where the territory of regions went that ended."""

import sqlalchemy as sa

from klima_balance.regions.tables import metadata, of_region

succession = sa.Table(
    "succession",
    metadata,
    of_region(primary_key=True),
    sa.Column("successor", sa.Text, sa.ForeignKey("balance.region.ags"), primary_key=True),
    sa.Column("share", sa.Double, nullable=False, comment="of the territory; sums to 1"),
    comment="where the territory of a region went that ended",
)
