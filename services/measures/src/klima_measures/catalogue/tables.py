"""The jobs that set the printed catalogue."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_measures.base.tables import metadata

catalogue_job = Table(
    "catalogue_job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("audience", Text, nullable=False),
    Column("selection", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("message", Text),
    Column("content", LargeBinary),
    Column(
        "created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True
    ),
    Column("finished_at", DateTime(timezone=True)),
    Column("created_by", Text, nullable=False),
    CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
    comment="catalogue PDFs being made, and those made lately",
)
