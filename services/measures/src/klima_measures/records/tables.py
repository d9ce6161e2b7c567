"""The form that most tables of participation and communication share: a document with what lists
need beside it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from klima_measures.base.tables import changed, metadata


def record_table(name: str, comment: str, *extra: Any) -> Table:
    """A table of records: whose editors write, whether the public reads, the order in lists, the
    content."""
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("region", Text, nullable=False, comment="whose editors write"),
        Column("revision", Integer, nullable=False),
        Column("published", Boolean, nullable=False),
        Column(
            "sort_key",
            Text(collation="C"),
            nullable=False,
            comment="order in lists, computed by the program",
        ),
        Column("document", JSONB, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        *changed(),
        *extra,
        Index(None, "sort_key", "id"),
        Index(None, "changed_at"),
        comment=comment,
    )
