"""Tables of factor sets. A released set never changes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from klima_balance.regions.tables import metadata, stamp

factor_set = Table(
    "factor_set",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("gwp_set", Text),
    Column("licence", Text),
    Column("source", Text, nullable=False),
    Column("note", Text),
    Column("digest", Text, nullable=False),
    Column(
        "shipped", Boolean, nullable=False, comment="part of the program, as opposed to uploaded"
    ),
    Column("created_by", Text, nullable=False),
    stamp("created"),
    Column("released_at", DateTime(timezone=True)),
    CheckConstraint("state in ('draft', 'released')", name="state"),
)

factor = Table(
    "factor",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column(
        "factor_set", Text, ForeignKey("balance.factor_set.id", ondelete="CASCADE"), nullable=False
    ),
    Column("category", Text, nullable=False),
    Column("year", SmallInteger, comment="null: for every year"),
    Column("gas", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("certainty", Text, nullable=False),
    Column("note", Text),
    UniqueConstraint("factor_set", "category", "year", "gas", postgresql_nulls_not_distinct=True),
)
