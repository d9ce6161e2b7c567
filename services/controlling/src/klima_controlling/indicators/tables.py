"""Tables of indicators and their entered values."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from klima_controlling.base.tables import authorship, change_stamp, metadata

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
    change_stamp(),
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
    *authorship(),
    UniqueConstraint("indicator", "key", "period", "revision"),
    Index(None, "key", "period"),
    CheckConstraint("revision > 0", name="revision"),
    comment="entered values; a correction is a new revision, the old one stays",
)
