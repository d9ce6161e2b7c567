"""Tables of progress reports and evaluations."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_controlling.base.tables import authorship, change_stamp, metadata

progress_report = Table(
    "progress_report",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("measure_id", Uuid, nullable=False),
    Column("region", Text, nullable=False),
    Column("period", Text, nullable=False, comment="2026-H1"),
    Column("assessment", Text, nullable=False),
    Column("text", Text, nullable=False, comment="for the public"),
    Column("obstacles", Text, nullable=False, server_default="", comment="internal"),
    Column("decision_needed", Text, nullable=False, server_default="", comment="internal"),
    Column("steps_done", JSONB, nullable=False),
    Column("costs", JSONB, nullable=False, comment="actual costs: year, kind, amount"),
    Column("staff_days", Numeric(10, 2)),
    Column("savings", JSONB, nullable=False, comment="achieved savings with evidence"),
    Column("reported_on", Date, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column(
        "told_at",
        DateTime(timezone=True),
        comment="when the measures service took note; null: not yet",
    ),
    *authorship(),
    change_stamp(),
    UniqueConstraint("measure_id", "period"),
    Index(None, "region"),
    comment="how a measure went in a period",
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("measure_id", Uuid, nullable=False, index=True),
    Column("region", Text, nullable=False),
    Column("evaluator", Text, nullable=False, comment="function or organisation"),
    Column("evaluated_on", Date, nullable=False),
    Column("evidence", JSONB, nullable=False, comment="what the evaluation rests on; never empty"),
    Column(
        "comparison",
        JSONB,
        nullable=False,
        comment="planned against actual for cost, time and effect",
    ),
    Column("lesson", Text, nullable=False),
    Column("conclusion", Text, nullable=False),
    Column("conclusion_owner", Text, nullable=False),
    Column("conclusion_due", Date, nullable=False),
    Column(
        "told_at",
        DateTime(timezone=True),
        comment="when the measures service took note; null: not yet",
    ),
    *authorship(),
    CheckConstraint("jsonb_array_length(evidence) > 0", name="evidence"),
    comment="a measure is not completed without one",
)
