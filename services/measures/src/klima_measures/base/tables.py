"""The metadata all tables of the measures service hang on, and columns that many of them have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, Text, func

from klima_shared.database.change_feed import add_positions
from klima_shared.database.connections import service_metadata

metadata = service_metadata("measures")
add_positions(metadata)


def changed() -> list[Column[Any]]:
    """When and by whom a row was last written."""
    return [
        Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("changed_by", Text, nullable=False),
    ]
