"""Table of targets."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_controlling.base.tables import metadata
from klima_shared.revisions.tables import required, stamps

target = sa.Table(
    "target",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    *required(sa.Text, "title_de", "title_en", "boundary", "key", "region"),
    sa.Column("metric", sa.Text, nullable=False, comment="formula over the inputs of a balance"),
    *required(sa.Text, "unit", "direction"),
    sa.Column("year", sa.SmallInteger, nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("base_year", sa.SmallInteger),
    sa.Column("base_value", sa.Double),
    sa.Column("points", JSONB, nullable=False, server_default="[]"),
    sa.Column(
        "base_reduction",
        sa.Double,
        comment="national reduction from 1990 up to the base year, 0 to 1",
    ),
    sa.Column("budget_t_co2e", sa.Double),
    sa.Column("tolerance_percent", sa.Double, nullable=False),
    sa.Column("decision", JSONB, comment="body, date, paper, url, source; null: not decided"),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Column("headline", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("applies_below", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("valid_from", sa.Date),
    *stamps("created"),
    sa.UniqueConstraint("code", "version"),
    sa.Index(None, "key"),
    sa.CheckConstraint("(base_year is null) = (base_value is null)", name="base"),
    comment="targets by version; a new decision keeps the old path visible",
)
