"""Tables of balances.

What is published never changes: a balance is stored with the answer as it is served and with the
record of its rows (activity x factor), so that it can be explained without recomputing it. A
correction is a new version.
"""

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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from klima_balance.regions.tables import metadata, stamp

run = Table(
    "run",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("year", SmallInteger, nullable=False),
    Column("method_digest", Text, nullable=False),
    Column("factor_set", Text, nullable=False),
    Column("options", JSONB, nullable=False),
    Column(
        "record",
        LargeBinary,
        nullable=False,
        comment="what the balances of a run have in common: rows' heads, factors",
    ),
    Column("digest", Text, nullable=False, unique=True),
    stamp("created"),
    comment="one computation by one method for one year; many balances belong to it",
)

balance = Table(
    "balance",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, ForeignKey("balance.region.ags"), nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column(
        "version",
        Integer,
        comment="counts the published ones of a region and year; null for a draft",
    ),
    Column("run_id", Uuid, ForeignKey("balance.run.id"), nullable=False, index=True),
    Column("members", ARRAY(Uuid), comment="the balances a county's is the sum of"),
    Column(
        "digest",
        Text,
        nullable=False,
        comment="of inputs and results: a recomputation has the same",
    ),
    Column("etag", Text, nullable=False),
    Column(
        "document", LargeBinary, nullable=False, comment="the answer as it is served, in German"
    ),
    Column("english", LargeBinary, nullable=False, comment="its findings and labels in English"),
    Column("record", LargeBinary, nullable=False, comment="the rows behind it, for explain"),
    stamp("created"),
    Column("created_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    Column("reason", Text, comment="why a published balance was corrected by this one"),
    Column(
        "recalculation_id",
        Uuid,
        index=True,
        comment="drafts made together, to be published together",
    ),
    UniqueConstraint("region", "year", "version"),
    Index(
        "ix_balance_published",
        "region",
        "year",
        text("version desc"),
        postgresql_where=text("state = 'published'"),
    ),
    Index("ix_balance_draft", "region", "year", "created_at"),
    CheckConstraint(
        "(state = 'draft' and version is null and published_at is null)"
        " or (state = 'published' and version is not null and published_at is not null)",
        name="state",
    ),
)

recalculation = Table(
    "recalculation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, ForeignKey("balance.region.ags"), nullable=False),
    Column("factor_set", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("years", ARRAY(SmallInteger), nullable=False),
    Column("report", JSONB, nullable=False, comment="differences to what is published"),
    stamp("created"),
    Column("created_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    comment="another factor set for all years at once: drafts, a report, then published together",
)
