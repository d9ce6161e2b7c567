"""Tables of balances.

What is published never changes: a balance is stored with the answer as it is served and with the
record of its rows (activity x factor), so that it can be explained without recomputing it. A
correction is a new version.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from klima_balance.regions.tables import metadata, of_region
from klima_shared.revisions.tables import required, signed, stamp, stamps

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("year", sa.SmallInteger, nullable=False),
    *required(sa.Text, "method_digest", "factor_set"),
    sa.Column("options", JSONB, nullable=False),
    sa.Column(
        "record",
        sa.LargeBinary,
        nullable=False,
        comment="what the balances of a run have in common: rows' heads, factors",
    ),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    stamp("created"),
    comment="one computation by one method for one year; many balances belong to it",
)

balance = sa.Table(
    "balance",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    of_region(),
    sa.Column("year", sa.SmallInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column(
        "version",
        sa.Integer,
        comment="counts the published ones of a region and year; null for a draft",
    ),
    sa.Column(
        "provisional",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="figures of the year are still to come: never the newest complete year",
    ),
    sa.Column("run_id", sa.Uuid, sa.ForeignKey("balance.run.id"), nullable=False, index=True),
    sa.Column("members", ARRAY(sa.Uuid), comment="the balances a county's is the sum of"),
    sa.Column(
        "digest",
        sa.Text,
        nullable=False,
        comment="of inputs and results: a recomputation has the same",
    ),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column(
        "document", sa.LargeBinary, nullable=False, comment="the answer as it is served, in German"
    ),
    sa.Column(
        "english", sa.LargeBinary, nullable=False, comment="its findings and labels in English"
    ),
    sa.Column("record", sa.LargeBinary, nullable=False, comment="the rows behind it, for explain"),
    *stamps("created"),
    *signed("published"),
    sa.Column("reason", sa.Text, comment="why a published balance was corrected by this one"),
    sa.Column(
        "recalculation_id",
        sa.Uuid,
        index=True,
        comment="drafts made together, to be published together",
    ),
    sa.UniqueConstraint("region", "year", "version"),
    sa.Index(
        "ix_balance_published",
        "region",
        "year",
        sa.text("version desc"),
        postgresql_where=sa.text("state = 'published'"),
    ),
    sa.Index("ix_balance_draft", "region", "year", "created_at"),
    sa.CheckConstraint(
        "(state = 'draft' and version is null and published_at is null)"
        " or (state = 'published' and version is not null and published_at is not null)",
        name="state",
    ),
)

recalculation = sa.Table(
    "recalculation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    of_region(),
    *required(sa.Text, "factor_set", "reason"),
    sa.Column("years", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("report", JSONB, nullable=False, comment="differences to what is published"),
    *stamps("created"),
    *signed("published"),
    comment="another factor set for all years at once: drafts, a report, then published together",
)
