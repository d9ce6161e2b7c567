"""The jobs that set the printed catalogue."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_measures.base.tables import metadata
from klima_shared.revisions.tables import required, stamp

catalogue_job = sa.Table(
    "catalogue_job",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("selection", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    *required(sa.Integer, "done", "total"),
    sa.Column("message", sa.Text),
    sa.Column("content", sa.LargeBinary),
    stamp("created", index=True),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
    comment="catalogue PDFs being made, and those made lately",
)
