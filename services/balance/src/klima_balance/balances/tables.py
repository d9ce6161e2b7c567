"""Tables of the balance service.

What is published never changes: a balance is stored with the answer as it is served and with the
record of its rows (activity x factor), so that it can be explained without recomputing it. A
correction is a new version.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from klima_shared.database.connections import service_metadata

metadata = service_metadata("balance")

_now = func.now()


def _created() -> Column[object]:
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now)


region = Table(
    "region",
    metadata,
    Column("ags", Text, primary_key=True),
    Column("ars", Text),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="country, state, county, municipality"),
    Column("designation", Text, comment="Stadt, Gemeinde, Kreis"),
    Column("parent", Text, ForeignKey("balance.region.ags"), index=True),
    Column(
        "leaf",
        Boolean,
        nullable=False,
        comment="balanced by itself; the others are sums of their members",
    ),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=_now),
    comment="territorial units by official key",
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    comment="each source once; figures refer to it",
)

statistic = Table(
    "statistic",
    metadata,
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("statistic", Text, primary_key=True),
    Column(
        "flag",
        Text,
        primary_key=True,
        server_default=text("''"),
        comment="empty, implausible, correction",
    ),
    Column("value", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source_id", Integer, ForeignKey("balance.source.id"), nullable=False),
    Column("certainty", Text, nullable=False),
    Column("note", Text),
    Index(None, "year"),
    comment="official figures of regions, one row a figure",
)

factor_set = Table(
    "factor_set",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("gwp_set", Text),
    Column("licence", Text),
    Column("source", Text, nullable=False),
    Column("note", Text),
    Column("digest", Text, nullable=False),
    Column(
        "shipped", Boolean, nullable=False, comment="part of the program, as opposed to uploaded"
    ),
    Column("created_by", Text, nullable=False),
    _created(),
    Column("released_at", DateTime(timezone=True)),
    CheckConstraint("state in ('draft', 'released')", name="state"),
)

factor = Table(
    "factor",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column(
        "factor_set", Text, ForeignKey("balance.factor_set.id", ondelete="CASCADE"), nullable=False
    ),
    Column("category", Text, nullable=False),
    Column("year", SmallInteger, comment="null: for every year"),
    Column("gas", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("certainty", Text, nullable=False),
    Column("note", Text),
    UniqueConstraint("factor_set", "category", "year", "gas", postgresql_nulls_not_distinct=True),
)

activity = Table(
    "activity",
    metadata,
    Column("region", Text, ForeignKey("balance.region.ags"), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("key", Text, primary_key=True, comment="sector.carrier or sector.carrier.category"),
    Column("revision", Integer, nullable=False),
    Column("sector", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("category", Text, nullable=False, server_default=text("''")),
    Column("quantity", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column(
        "quantity_mwh", Double, nullable=False, comment="converted with the heating values (Hi)"
    ),
    Column("status", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("note", Text),
    Column("contained_in_ghd", Boolean, nullable=False, server_default=text("true")),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=_now, index=True),
    Column("changed_by", Text, nullable=False),
    CheckConstraint("quantity >= 0 and quantity_mwh >= 0", name="not_negative"),
    CheckConstraint("status in ('measured', 'estimated', 'confirmed_zero')", name="status"),
    CheckConstraint("grade in ('A', 'B', 'C', 'D')", name="grade"),
    comment="local figures; they supersede the defaults of the method cell by cell",
)

activity_history = Table(
    "activity_history",
    metadata,
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("deleted", Boolean, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("changed_by", Text, nullable=False),
    comment="every revision of an activity, the deleting one included",
)

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
    _created(),
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
    _created(),
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
