"""Tables of participation: talks, workshops, ideas and what becomes of them.

No row names a person. The text of an idea may; it is in one column only, never in the audit, and
can be removed there.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
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
from sqlalchemy.dialects.postgresql import JSONB

from klima_measures.base.tables import metadata
from klima_measures.participation.model.codes import (
    AuthorGroup,
    ErasureKind,
    IdeaChannel,
    Moderation,
    PackageState,
    PrioritisationMethod,
    Triage,
    WorkshopState,
)
from klima_shared.revisions.tables import Code, record_table, stamps

kick_off = record_table(
    metadata,
    "kick_off",
    "kick-off talks with administrations",
    Column("held_on", Date, nullable=False),
    Index(None, "region"),
)

workshop = record_table(
    metadata,
    "workshop",
    "Klimawerkstätten of municipalities and of the county",
    Column("state", Code(WorkshopState), nullable=False),
    Column("starts_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    CheckConstraint(
        "state in ('planned', 'invited', 'held', 'documented', 'delivered', 'acknowledged',"
        " 'cancelled')",
        name="state",
    ),
)

idea = Table(
    "idea",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("region", Text, nullable=False),
    Column("channel", Code(IdeaChannel), nullable=False),
    Column("text", Text, comment="null once it was deleted"),
    Column("field", Text),
    Column("author_group", Code(AuthorGroup)),
    Column("topic", Text, comment="the workshop's topic it was said to"),
    Column("workshop_id", Uuid, ForeignKey("measures.workshop.id")),
    Column("consent_version", Text, nullable=False, comment="which consent text was agreed to"),
    Column("moderation", Code(Moderation), nullable=False, server_default=text("'new'")),
    Column("moderation_reason", Text),
    Column(
        "merged_into",
        Uuid,
        ForeignKey("measures.idea.id"),
        index=True,
        comment="never itself a merged one",
    ),
    Column("triage", Code(Triage)),
    Column("triage_reason", Text),
    Column("answer", Text, comment="to the public"),
    Column("answered_at", DateTime(timezone=True)),
    Column("source_key", Text, unique=True, comment="of an import: a repeat finds it"),
    Column("erased", Code(ErasureKind), comment="pseudonymise or delete, once that was done"),
    Column("erased_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    *stamps(),
    CheckConstraint("moderation in ('new', 'accepted', 'merged', 'rejected')", name="moderation"),
    CheckConstraint("triage in ('municipal', 'intermunicipal', 'out_of_scope')", name="triage"),
    CheckConstraint("(moderation = 'merged') = (merged_into is not null)", name="merged"),
    CheckConstraint("merged_into <> id", name="not_into_itself"),
    CheckConstraint("triage is null or triage_reason is not null", name="triage_reason"),
    CheckConstraint(
        "moderation <> 'rejected' or moderation_reason is not null", name="rejection_reason"
    ),
    CheckConstraint("text is not null or erased is not null", name="text"),
    Index(None, "created_at", "id"),
    Index(None, "changed_at"),
    Index(None, "region"),
    Index(None, "workshop_id"),
    comment="ideas of citizens and groups; handed in by anybody, public after moderation",
)

idea_measure = Table(
    "idea_measure",
    metadata,
    Column("idea_id", Uuid, ForeignKey("measures.idea.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "measure_id",
        Uuid,
        ForeignKey("measures.measure.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    Column("note", Text),
    *stamps(),
    comment="what became of ideas: n to m",
)

prioritisation = record_table(
    metadata,
    "prioritisation",
    "sessions in which a group weighs ideas",
    Column("workshop_id", Uuid, ForeignKey("measures.workshop.id"), index=True),
    Column("method", Code(PrioritisationMethod), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("result", JSONB, comment="frozen when the session is closed"),
    CheckConstraint("method in ('dots', 'yes_no', 'score')", name="method"),
    CheckConstraint("(closed_at is null) = (result is null)", name="closed"),
)

prioritisation_idea = Table(
    "prioritisation_idea",
    metadata,
    Column(
        "prioritisation_id",
        Uuid,
        ForeignKey("measures.prioritisation.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("idea_id", Uuid, ForeignKey("measures.idea.id"), primary_key=True, index=True),
    comment="what stands on the wall",
)

vote = Table(
    "vote",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column(
        "prioritisation_id",
        Uuid,
        ForeignKey("measures.prioritisation.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("idea_id", Uuid, ForeignKey("measures.idea.id"), nullable=False, index=True),
    Column("value", SmallInteger, nullable=False, comment="of each ballot"),
    Column("ballots", Integer, nullable=False),
    *stamps(),
    CheckConstraint("ballots > 0", name="ballots"),
    Index(None, "prioritisation_id", "idea_id"),
    comment="ballots as they were entered; nobody's name is on them",
)

package = Table(
    "package",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, ForeignKey("measures.workshop.id"), nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Code(PackageState), nullable=False),
    Column("digest", Text, nullable=False, comment="SHA-256 of the ZIP file"),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, comment="null once an idea in it was deleted on request"),
    Column("ideas", JSONB, nullable=False, comment="references of the ideas in it"),
    Column("recipient", Text, comment="a function, not a person"),
    Column("note", Text),
    Column("drafted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("delivered_at", DateTime(timezone=True)),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("removed_at", DateTime(timezone=True)),
    *stamps(),
    UniqueConstraint("workshop_id", "version"),
    CheckConstraint(
        "(state = 'drafted' and delivered_at is null and acknowledged_at is null)"
        " or (state = 'delivered' and delivered_at is not null and acknowledged_at is null)"
        " or (state = 'acknowledged' and delivered_at is not null and acknowledged_at is not null)",
        name="state",
    ),
    comment=(
        "results of a workshop as they were handed over; a delivered file is never changed, at most"
        " removed"
    ),
)

client_salt = Table(
    "client_salt",
    metadata,
    Column("day", Date, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    comment=(
        "makes addresses of callers unreadable; thrown away after two days, and with it what could"
        " join them"
    ),
)

client_counter = Table(
    "client_counter",
    metadata,
    Column(
        "client",
        LargeBinary,
        primary_key=True,
        comment="keyed digest of an address, never the address",
    ),
    Column("window_start", DateTime(timezone=True), primary_key=True, index=True),
    Column("count", Integer, nullable=False),
    prefixes=["UNLOGGED"],
    comment="hand-ins per caller and window; seen by all processes of the service",
)
