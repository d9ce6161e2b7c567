"""Table of the last good answers of other services."""

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text

from klima_controlling.base.tables import metadata

upstream_copy = Table(
    "upstream_copy",
    metadata,
    Column("service", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("verified_at", DateTime(timezone=True), nullable=False, index=True),
    comment="the last good answer of another service",
)
