"""The table of own scenarios. The built-in ones are not stored: they follow from a published
balance and the tables."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata, of_region
from klima_shared.revisions.tables import required, signed, stamps

scenario = sa.Table(
    "scenario",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column(
        "series", sa.Uuid, nullable=False, comment="the same for all versions of one scenario"
    ),
    sa.Column(
        "version", sa.Integer, comment="counts the published ones of a series; null for a draft"
    ),
    sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("state", sa.Text, nullable=False),
    of_region(),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column(
        "balance_id",
        sa.Uuid,
        sa.ForeignKey("balance.balance.id"),
        nullable=False,
        index=True,
        comment="the base",
    ),
    *required(sa.SmallInteger, "base_year", "horizon"),
    sa.Column("based_on", sa.Text, comment="id of the scenario it was derived from"),
    sa.Column("definition", JSONB, nullable=False, comment="kind, without, parameters, levers"),
    sa.Column(
        "edition", sa.Text, nullable=False, comment="of the scenario tables it was made with"
    ),
    sa.Column(
        "document", sa.LargeBinary, comment="of a published one: levers and assumptions, as served"
    ),
    sa.Column(
        "results", sa.LargeBinary, comment="of a published one: the yearly results, as served"
    ),
    *stamps("created"),
    *stamps(),
    *signed("published"),
    sa.UniqueConstraint("series", "version"),
    sa.Index(None, "region", "changed_at"),
    sa.CheckConstraint(
        "(state = 'draft' and version is null and published_at is null and results is null) or"
        " (state = 'published' and version is not null and published_at is not null and results is"
        " not null)",
        name="state",
    ),
    sa.CheckConstraint("horizon > base_year", name="horizon"),
    comment="own scenarios: drafts can change, published versions never do",
)
