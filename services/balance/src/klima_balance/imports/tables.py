"""Tables of imports of files, of the history of what has a key, of degree days and
recalculations."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from klima_balance.regions.tables import metadata

_now = func.now()


def stamp(name: str) -> Column[object]:
    return Column(f"{name}_at", DateTime(timezone=True), nullable=False, server_default=_now)


def revised() -> list[Column[object]]:
    """Revision, when and by whom: what can be changed has them."""
    return [
        Column("revision", Integer, nullable=False, server_default=text("1")),
        stamp("changed"),
        Column("changed_by", Text, nullable=False),
    ]


data_import = Table(
    "data_import",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, comment="csv, csv-de, xlsx, template, properties"),
    Column("file_name", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True, comment="sha256 of the file"),
    Column("size_bytes", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("regions", ARRAY(Text), nullable=False),
    Column("years", ARRAY(SmallInteger), nullable=False),
    stamp("created"),
    Column("created_by", Text, nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", Text),
    Index("ix_data_import_created", "created_at", "id"),
    comment="who delivered which file when; its rows can be taken back as a whole",
)

data_import_row = Table(
    "data_import_row",
    metadata,
    Column("import_id", Uuid, ForeignKey("balance.data_import.id"), primary_key=True),
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("line", Integer, nullable=False, comment="of the file"),
    Column("revision", Integer, nullable=False, comment="of the activity that the import made"),
    Column("before_revision", Integer, comment="what stood there before; null: nothing"),
    Index(None, "region", "year", "key", "revision"),
    comment="what an import changed, for taking it back",
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

degree_days = Table(
    "degree_days",
    metadata,
    Column("region", Text, ForeignKey("balance.region.ags"), primary_key=True),
    Column("definition", Text, nullable=False, comment="how they were counted, e.g. G20/15"),
    Column("mean", Double, nullable=False),
    Column("mean_period", Text, nullable=False),
    Column("years", JSONB, nullable=False, comment="degree days by year"),
    Column("source", Text, nullable=False),
    Column("note", Text),
    *revised(),
    comment="one series a region, for the weather view; never of the balance",
)


recalculation = Table(
    "recalculation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, ForeignKey("balance.region.ags"), nullable=False),
    Column("factor_set", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("years", ARRAY(SmallInteger), nullable=False),
    Column("report", JSONB, nullable=False, comment="differences to what is published"),
    stamp("created"),
    Column("created_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    comment="another factor set for all years at once: drafts, a report, then published together",
)
