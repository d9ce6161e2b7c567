"""Tables of local figures, with every revision kept."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata, stamp


def figure_columns() -> list[Column[object]]:
    """A local figure as it came, and in MWh."""
    return [
        Column("quantity", Double, nullable=False),
        Column("unit", Text, nullable=False),
        Column(
            "quantity_mwh", Double, nullable=False, comment="converted with the heating values (Hi)"
        ),
        Column("status", Text, nullable=False),
        Column("grade", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("note", Text),
    ]


activity = Table(
    "activity",
    metadata,
    Column("region", Text, ForeignKey("balance.region.ags"), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("key", Text, primary_key=True, comment="sector.carrier or sector.carrier.category"),
    Column("revision", Integer, nullable=False),
    Column("sector", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("category", Text, nullable=False, server_default=text("''")),
    *figure_columns(),
    Column("contained_in_ghd", Boolean, nullable=False, server_default=text("true")),
    stamp("changed", index=True),
    Column("changed_by", Text, nullable=False),
    CheckConstraint("quantity >= 0 and quantity_mwh >= 0", name="not_negative"),
    CheckConstraint("status in ('measured', 'estimated', 'confirmed_zero')", name="status"),
    CheckConstraint("grade in ('A', 'B', 'C', 'D')", name="grade"),
    comment="local figures; they supersede the defaults of the method cell by cell",
)

activity_history = Table(
    "activity_history",
    metadata,
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("deleted", Boolean, nullable=False),
    Column("content", JSONB, nullable=False),
    stamp("changed"),
    Column("changed_by", Text, nullable=False),
    comment="every revision of an activity, the deleting one included",
)

record_history = Table(
    "record_history",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("deleted", Boolean, nullable=False),
    Column("content", JSONB, nullable=False),
    stamp("changed"),
    Column("changed_by", Text, nullable=False),
    comment="every revision of what has a key of its own, the deleting one included",
)
