"""The metadata all tables of the measures service hang on, and our copy of the registry of
regions."""

from sqlalchemy import Column, Table, Text

from klima_shared.database.change_feed import add_positions
from klima_shared.database.connections import service_metadata
from klima_shared.revisions.tables import required, stamp

metadata = service_metadata("measures")
add_positions(metadata)

region = Table(
    "region",
    metadata,
    Column("ags", Text, primary_key=True),
    *required(Text, "name", "kind"),
    Column("parent", Text),
    stamp("read"),
    comment="names of regions, a copy of the balance service's registry",
)
