"""Tables of the audit cycle: notes and corrective actions."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, SmallInteger, Table, Text, Uuid

from klima_controlling.base.tables import change_stamps, metadata
from klima_shared.revisions.tables import required, stamps

cycle_note = Table(
    "cycle_note",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    *required(Text, "stage", "text"),
    Column("severity", Text, comment="of a finding; null: a note"),
    *stamps("created"),
    Index(None, "region", "year"),
    comment="audit cycle: plan, do, check, act; notes and findings",
)

corrective_action = Table(
    "corrective_action",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("note_id", Uuid, ForeignKey(cycle_note.c.id), nullable=False, index=True),
    Column("measure_id", Uuid),
    *required(Text, "region", "title", "owner"),
    Column("due", Date, nullable=False),
    Column("done_on", Date),
    Column("revision", Integer, nullable=False, server_default="1"),
    *stamps("created"),
    *change_stamps(),
    comment="what follows from a finding, by whom, until when",
)
