"""What the tables of all subjects share: their metadata, and who changed a row last."""

from sqlalchemy import Column, Text

from klima_shared.database.change_feed import add_positions
from klima_shared.database.connections import service_metadata
from klima_shared.revisions.tables import stamp

metadata = service_metadata("controlling")
add_positions(metadata)


def change_stamps() -> list[Column[object]]:
    """When and by whom a row was last written: `unknown` where that was not noted."""
    return [stamp("changed"), Column("changed_by", Text, nullable=False, server_default="unknown")]
