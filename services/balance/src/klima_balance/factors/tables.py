"""Tables of factor sets. A released set never changes."""

import sqlalchemy as sa

from klima_balance.regions.tables import metadata
from klima_shared.revisions.tables import optional, required, stamp

factor_set = sa.Table(
    "factor_set",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *required(sa.Text, "version", "kind", "title", "state"),
    *optional(sa.Text, "gwp_set", "licence"),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column(
        "base",
        sa.Text,
        sa.ForeignKey("balance.factor_set.id"),
        index=True,
        comment="the released set that a partial one takes from what it lacks",
    ),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column(
        "shipped", sa.Boolean, nullable=False, comment="part of the program, as opposed to uploaded"
    ),
    sa.Column("created_by", sa.Text, nullable=False),
    stamp("created"),
    sa.Column("released_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state in ('draft', 'released')", name="state"),
)

factor = sa.Table(
    "factor",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column(
        "factor_set",
        sa.Text,
        sa.ForeignKey("balance.factor_set.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("year", sa.SmallInteger, comment="null: for every year"),
    sa.Column("gas", sa.Text, nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    *required(sa.Text, "unit", "source", "certainty"),
    sa.Column("note", sa.Text),
    sa.UniqueConstraint(
        "factor_set", "category", "year", "gas", postgresql_nulls_not_distinct=True
    ),
)
