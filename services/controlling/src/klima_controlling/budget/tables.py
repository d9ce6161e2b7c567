"""Table of amounts entered beside the sheets."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from klima_controlling.base.tables import authorship, change_stamp, metadata

budget_entry = Table(
    "budget_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("measure_id", Uuid, nullable=False, index=True),
    Column("region", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("amount_eur", Numeric(15, 2), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("revision", Integer, nullable=False, server_default="1"),
    *authorship(),
    change_stamp(),
    Index(None, "region", "year"),
    CheckConstraint("stage <> 'planned_concept'", name="stage"),
    CheckConstraint("amount_eur >= 0", name="amount"),
    comment="budget beside the sheets: planned by budget and supplement, committed, spent",
)
