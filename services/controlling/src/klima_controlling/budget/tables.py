"""Table of amounts entered beside the sheets."""

import sqlalchemy as sa

from klima_controlling.base.tables import change_stamps, metadata
from klima_shared.revisions.tables import required, stamps

budget_entry = sa.Table(
    "budget_entry",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("measure_id", sa.Uuid, nullable=False, index=True),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("year", sa.SmallInteger, nullable=False),
    *required(sa.Text, "kind", "stage"),
    sa.Column("amount_eur", sa.Numeric(15, 2), nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    *stamps("created"),
    *change_stamps(),
    sa.Index(None, "region", "year"),
    sa.CheckConstraint("stage <> 'planned_concept'", name="stage"),
    sa.CheckConstraint("amount_eur >= 0", name="amount"),
    comment="budget beside the sheets: planned by budget and supplement, committed, spent",
)
