"""Tables of the controlling service: indicators, values and targets, and the copies of other
services' answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_shared.database.change_feed import add_positions
from klima_shared.database.connections import service_metadata

metadata = service_metadata("controlling")
add_positions(metadata)


def made() -> list[Column[Any]]:
    """When and by whom a row was written."""
    return [
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("created_by", Text, nullable=False),
    ]


def changed() -> Column[Any]:
    return Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now())


indicator = Table(
    "indicator",
    metadata,
    Column("code", Text, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("name_de", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("definition", Text, nullable=False, server_default=""),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False, comment="municipality, county, organisation or all"),
    Column("direction", Text, nullable=False),
    Column("formula", Text, comment="null: values are entered by hand"),
    Column("normaliser", Text),
    Column("interval_months", SmallInteger, nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
    Column("share", Boolean, nullable=False, comment="a percentage that can't exceed 100"),
    Column("certainty", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    Column("revision", Integer, nullable=False, server_default="1"),
    changed(),
    CheckConstraint("interval_months between 1 and 120", name="interval"),
    comment="what is measured, and how it is computed",
)

indicator_value = Table(
    "indicator_value",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("indicator", Text, ForeignKey(indicator.c.code), nullable=False),
    Column("boundary", Text, nullable=False),
    Column("key", Text, nullable=False, comment="AGS, or id of an organisation"),
    Column("region", Text, nullable=False, comment="whose editors may write it"),
    Column("period", Text, nullable=False, comment="2021, 2021-H1 or 2021-Q3"),
    Column("value", Double, nullable=False),
    Column("quality", Text),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("note", Text),
    Column("revision", Integer, nullable=False),
    *made(),
    UniqueConstraint("indicator", "key", "period", "revision"),
    Index(None, "key", "period"),
    CheckConstraint("revision > 0", name="revision"),
    comment="entered values; a correction is a new revision, the old one stays",
)

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
    *made(),
    UniqueConstraint("code", "version"),
    Index(None, "key"),
    CheckConstraint("(base_year is null) = (base_value is null)", name="base"),
    comment="targets by version; a new decision keeps the old path visible",
)

upstream_copy = Table(
    "upstream_copy",
    metadata,
    Column("service", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("verified_at", DateTime(timezone=True), nullable=False, index=True),
    comment="the last good answer of another service",
)
