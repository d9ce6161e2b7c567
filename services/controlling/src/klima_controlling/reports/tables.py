"""Table of yearly reports."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_controlling.base.tables import authorship, change_stamp, metadata

report = Table(
    "report",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("corrects", Uuid, comment="the report this one corrects"),
    Column("reason", Text, comment="why it was corrected"),
    Column("title", Text, nullable=False),
    Column("narrative", JSONB, nullable=False, comment="what people write: sections"),
    Column("decisions", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column(
        "content", LargeBinary, nullable=False, comment="every figure of the report, canonical JSON"
    ),
    Column("digest", Text, nullable=False, comment="sha256 of content"),
    Column("used", JSONB, nullable=False, comment="ids and revisions the figures come from"),
    Column("approved_at", DateTime(timezone=True)),
    Column("approved_by", Text),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    Column("revision", Integer, nullable=False, server_default="1"),
    *authorship(),
    change_stamp(),
    UniqueConstraint("region", "year", "version"),
    CheckConstraint("(version = 1) = (corrects is null)", name="corrects"),
    CheckConstraint("corrects is null or reason is not null", name="reason"),
    Index(None, "state", "published_at"),
    comment="yearly reports; a published one never changes",
)
