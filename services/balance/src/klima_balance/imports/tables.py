"""Tables of imports of files."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from klima_balance.regions.tables import metadata
from klima_shared.revisions.tables import required, stamps

data_import = Table(
    "data_import",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, comment="csv, csv-de, xlsx, template, properties"),
    Column("file_name", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True, comment="sha256 of the file"),
    *required(Integer, "size_bytes", "rows", "added", "changed", "unchanged"),
    Column("regions", ARRAY(Text), nullable=False),
    Column("years", ARRAY(SmallInteger), nullable=False),
    *stamps("created"),
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
