"""Tables of progress reports and evaluations."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_controlling.base.tables import change_stamps, metadata
from klima_shared.revisions.tables import required, stamps

progress_report = sa.Table(
    "progress_report",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("measure_id", sa.Uuid, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False, comment="2026-H1"),
    sa.Column("assessment", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False, comment="for the public"),
    sa.Column("obstacles", sa.Text, nullable=False, server_default="", comment="internal"),
    sa.Column("decision_needed", sa.Text, nullable=False, server_default="", comment="internal"),
    sa.Column("steps_done", JSONB, nullable=False),
    sa.Column("costs", JSONB, nullable=False, comment="actual costs: year, kind, amount"),
    sa.Column("staff_days", sa.Numeric(10, 2)),
    sa.Column("savings", JSONB, nullable=False, comment="achieved savings with evidence"),
    sa.Column("reported_on", sa.Date, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column(
        "told_at",
        sa.DateTime(timezone=True),
        comment="when the measures service took note; null: not yet",
    ),
    *stamps("created"),
    *change_stamps(),
    sa.UniqueConstraint("measure_id", "period"),
    sa.Index(None, "region"),
    comment="how a measure went in a period",
)

evaluation = sa.Table(
    "evaluation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("measure_id", sa.Uuid, nullable=False, index=True),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("evaluator", sa.Text, nullable=False, comment="function or organisation"),
    sa.Column("evaluated_on", sa.Date, nullable=False),
    sa.Column(
        "evidence", JSONB, nullable=False, comment="what the evaluation rests on; never empty"
    ),
    sa.Column(
        "comparison",
        JSONB,
        nullable=False,
        comment="planned against actual for cost, time and effect",
    ),
    *required(sa.Text, "lesson", "conclusion", "conclusion_owner"),
    sa.Column("conclusion_due", sa.Date, nullable=False),
    sa.Column(
        "told_at",
        sa.DateTime(timezone=True),
        comment="when the measures service took note; null: not yet",
    ),
    *stamps("created"),
    sa.CheckConstraint("jsonb_array_length(evidence) > 0", name="evidence"),
    comment="a measure is not completed without one",
)
