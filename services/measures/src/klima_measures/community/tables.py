"""Tables of networks and communication: actors, working groups, contacts, campaigns, press,
events."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKey, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from klima_measures.base.tables import metadata
from klima_measures.community.model.codes import ActorKind, TaskState
from klima_shared.revisions.tables import Code, record_table


def _regions() -> Column[list[str]]:
    return Column("regions", ARRAY(Text), nullable=False, comment="where it is active")


actor = record_table(
    metadata,
    "actor",
    "organisations that help",
    Column("kind", Code(ActorKind), nullable=False),
    _regions(),
)
network = record_table(metadata, "network", "networks of actors", _regions())
network_member = Table(
    "network_member",
    metadata,
    Column(
        "network_id", Uuid, ForeignKey("measures.network.id", ondelete="CASCADE"), primary_key=True
    ),
    Column(
        "actor_id",
        Uuid,
        ForeignKey("measures.actor.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    Column("role", Text),
    comment="an actor that is deleted leaves its networks",
)

working_group = record_table(
    metadata, "working_group", "standing groups such as the Arbeitskreis Klimamanagement"
)


def _group() -> Column[object]:
    group = ForeignKey("measures.working_group.id", ondelete="CASCADE")
    return Column("parent_id", Uuid, group, nullable=False, index=True)


meeting = record_table(
    metadata,
    "meeting",
    "meetings of working groups, with minutes",
    _group(),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
)
resolution = record_table(metadata, "resolution", "what working groups decided", _group())
task = record_table(
    metadata,
    "task",
    "what somebody is to do until when",
    _group(),
    Column("due_on", Date, nullable=False),
    Column("state", Code(TaskState), nullable=False),
    CheckConstraint("state in ('open', 'done', 'dropped')", name="state"),
)

contact = record_table(metadata, "contact", "whom to ask: functions, not persons")
campaign = record_table(metadata, "campaign", "campaigns of the Öffentlichkeitsarbeit", _regions())
press_item = record_table(
    metadata,
    "press_item",
    "what was told to the press and the public",
    Column("published_at", DateTime(timezone=True)),
)
event = record_table(
    metadata,
    "event",
    "public dates",
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
)
