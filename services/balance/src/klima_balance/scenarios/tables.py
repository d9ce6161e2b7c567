"""The table of own scenarios. The built-in ones are not stored: they follow from a published
balance and the tables."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata

scenario = Table(
    "scenario",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("series", Uuid, nullable=False, comment="the same for all versions of one scenario"),
    Column("version", Integer, comment="counts the published ones of a series; null for a draft"),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False),
    Column("region", Text, ForeignKey("balance.region.ags"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=text("''")),
    Column(
        "balance_id",
        Uuid,
        ForeignKey("balance.balance.id"),
        nullable=False,
        index=True,
        comment="the base",
    ),
    Column("base_year", SmallInteger, nullable=False),
    Column("horizon", SmallInteger, nullable=False),
    Column("based_on", Text, comment="id of the scenario it was derived from"),
    Column("definition", JSONB, nullable=False, comment="kind, without, parameters, levers"),
    Column("edition", Text, nullable=False, comment="of the scenario tables it was made with"),
    Column(
        "document", LargeBinary, comment="of a published one: levers and assumptions, as served"
    ),
    Column("results", LargeBinary, comment="of a published one: the yearly results, as served"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    UniqueConstraint("series", "version"),
    Index(None, "region", "changed_at"),
    CheckConstraint(
        "(state = 'draft' and version is null and published_at is null and results is null) or"
        " (state = 'published' and version is not null and published_at is not null and results is"
        " not null)",
        name="state",
    ),
    CheckConstraint("horizon > base_year", name="horizon"),
    comment="own scenarios: drafts can change, published versions never do",
)
