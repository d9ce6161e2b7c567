"""The metadata all tables of the measures service hang on, and our copy of the registry of
regions."""

from sqlalchemy import Column, DateTime, Table, Text, func

from klima_shared.database.change_feed import add_positions
from klima_shared.database.connections import service_metadata

metadata = service_metadata("measures")
add_positions(metadata)

region = Table(
    "region",
    metadata,
    Column("ags", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="names of regions, a copy of the balance service's registry",
)
