"""Table of targets."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_controlling.base.tables import authorship, metadata

target = Table(
    "target",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title_de", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("boundary", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("metric", Text, nullable=False, comment="formula over the inputs of a balance"),
    Column("unit", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("value", Double, nullable=False),
    Column("path", Text, nullable=False),
    Column("base_year", SmallInteger),
    Column("base_value", Double),
    Column("points", JSONB, nullable=False, server_default="[]"),
    Column(
        "base_reduction", Double, comment="national reduction from 1990 up to the base year, 0 to 1"
    ),
    Column("budget_t_co2e", Double),
    Column("tolerance_percent", Double, nullable=False),
    Column("decision", JSONB, comment="body, date, paper, url, source; null: not decided"),
    Column("source", Text, nullable=False, server_default=""),
    Column("headline", Boolean, nullable=False, server_default="false"),
    Column("applies_below", Boolean, nullable=False, server_default="false"),
    Column("valid_from", Date),
    *authorship(),
    UniqueConstraint("code", "version"),
    Index(None, "key"),
    CheckConstraint("(base_year is null) = (base_value is null)", name="base"),
    comment="targets by version; a new decision keeps the old path visible",
)
