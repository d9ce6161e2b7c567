"""What the tables of all subjects share: their metadata, and who wrote a row and when."""

from sqlalchemy import Column, DateTime, Text, func

from klima_shared.database.change_feed import add_positions
from klima_shared.database.connections import service_metadata

metadata = service_metadata("controlling")
add_positions(metadata)


def authorship() -> list[Column[object]]:
    """When and by whom a row was written."""
    return [
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("created_by", Text, nullable=False),
    ]


def change_stamps() -> list[Column[object]]:
    """When and by whom a row was last written: `unknown` where that was not noted."""
    return [
        Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("changed_by", Text, nullable=False, server_default="unknown"),
    ]
