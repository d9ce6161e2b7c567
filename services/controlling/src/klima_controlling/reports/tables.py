"""Table of yearly reports."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_controlling.base.tables import change_stamps, metadata
from klima_shared.revisions.tables import signed, stamps

report = sa.Table(
    "report",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("year", sa.SmallInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("corrects", sa.Uuid, comment="the report this one corrects"),
    sa.Column("reason", sa.Text, comment="why it was corrected"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("narrative", JSONB, nullable=False, comment="what people write: sections"),
    sa.Column("decisions", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column(
        "content",
        sa.LargeBinary,
        nullable=False,
        comment="every figure of the report, canonical JSON",
    ),
    sa.Column("digest", sa.Text, nullable=False, comment="sha256 of content"),
    sa.Column("used", JSONB, nullable=False, comment="ids and revisions the figures come from"),
    *signed("approved"),
    sa.Column("approved_role", sa.Text, comment="the role, for everybody; who it was is not shown"),
    sa.Column("four_eyes", sa.Boolean, comment="approved by none of its authors; null: not noted"),
    *signed("published"),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    *stamps("created"),
    *change_stamps(),
    sa.UniqueConstraint("region", "year", "version"),
    sa.CheckConstraint("(version = 1) = (corrects is null)", name="corrects"),
    sa.CheckConstraint("corrects is null or reason is not null", name="reason"),
    sa.Index(None, "state", "published_at"),
    comment="yearly reports; a published one never changes",
)
