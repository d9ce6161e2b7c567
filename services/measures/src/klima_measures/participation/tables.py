"""Tables of participation: talks, workshops, ideas and what becomes of them.

No row names a person. The text of an idea may; it is in one column only, never in the audit, and
can be removed there.
"""

import sqlalchemy as sa
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
from klima_shared.revisions.tables import Code, optional, owned_by, record_table, stamp, stamps

kick_off = record_table(
    metadata,
    "kick_off",
    "kick-off talks with administrations",
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Index(None, "region"),
)

workshop = record_table(
    metadata,
    "workshop",
    "Klimawerkstätten of municipalities and of the county",
    sa.Column("state", Code(WorkshopState), nullable=False),
    *optional(sa.DateTime(timezone=True), "starts_at", "ends_at"),
    sa.CheckConstraint(
        "state in ('planned', 'invited', 'held', 'documented', 'delivered', 'acknowledged',"
        " 'cancelled')",
        name="state",
    ),
)

idea = sa.Table(
    "idea",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("channel", Code(IdeaChannel), nullable=False),
    sa.Column("text", sa.Text, comment="null once it was deleted"),
    sa.Column("field", sa.Text),
    sa.Column("author_group", Code(AuthorGroup)),
    sa.Column("topic", sa.Text, comment="the workshop's topic it was said to"),
    sa.Column("workshop_id", sa.Uuid, sa.ForeignKey("measures.workshop.id")),
    sa.Column(
        "consent_version", sa.Text, nullable=False, comment="which consent text was agreed to"
    ),
    sa.Column("moderation", Code(Moderation), nullable=False, server_default=sa.text("'new'")),
    sa.Column("moderation_reason", sa.Text),
    sa.Column(
        "merged_into",
        sa.Uuid,
        sa.ForeignKey("measures.idea.id"),
        index=True,
        comment="never itself a merged one",
    ),
    sa.Column("triage", Code(Triage)),
    sa.Column("triage_reason", sa.Text),
    sa.Column("answer", sa.Text, comment="to the public"),
    sa.Column("answered_at", sa.DateTime(timezone=True)),
    sa.Column("source_key", sa.Text, unique=True, comment="of an import: a repeat finds it"),
    sa.Column("erased", Code(ErasureKind), comment="pseudonymise or delete, once that was done"),
    sa.Column("erased_at", sa.DateTime(timezone=True)),
    stamp("created"),
    *stamps(),
    sa.CheckConstraint(
        "moderation in ('new', 'accepted', 'merged', 'rejected')", name="moderation"
    ),
    sa.CheckConstraint("triage in ('municipal', 'intermunicipal', 'out_of_scope')", name="triage"),
    sa.CheckConstraint("(moderation = 'merged') = (merged_into is not null)", name="merged"),
    sa.CheckConstraint("merged_into <> id", name="not_into_itself"),
    sa.CheckConstraint("triage is null or triage_reason is not null", name="triage_reason"),
    sa.CheckConstraint(
        "moderation <> 'rejected' or moderation_reason is not null", name="rejection_reason"
    ),
    sa.CheckConstraint("text is not null or erased is not null", name="text"),
    sa.Index(None, "created_at", "id"),
    sa.Index(None, "changed_at"),
    sa.Index(None, "region"),
    sa.Index(None, "workshop_id"),
    comment="ideas of citizens and groups; handed in by anybody, public after moderation",
)

idea_measure = sa.Table(
    "idea_measure",
    metadata,
    owned_by("idea_id", "measures.idea.id", primary_key=True),
    owned_by("measure_id", "measures.measure.id", primary_key=True, index=True),
    sa.Column("note", sa.Text),
    *stamps(),
    comment="what became of ideas: n to m",
)

prioritisation = record_table(
    metadata,
    "prioritisation",
    "sessions in which a group weighs ideas",
    sa.Column("workshop_id", sa.Uuid, sa.ForeignKey("measures.workshop.id"), index=True),
    sa.Column("method", Code(PrioritisationMethod), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.Column("result", JSONB, comment="frozen when the session is closed"),
    sa.CheckConstraint("method in ('dots', 'yes_no', 'score')", name="method"),
    sa.CheckConstraint("(closed_at is null) = (result is null)", name="closed"),
)

prioritisation_idea = sa.Table(
    "prioritisation_idea",
    metadata,
    owned_by("prioritisation_id", "measures.prioritisation.id", primary_key=True),
    sa.Column("idea_id", sa.Uuid, sa.ForeignKey("measures.idea.id"), primary_key=True, index=True),
    comment="what stands on the wall",
)

vote = sa.Table(
    "vote",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    owned_by("prioritisation_id", "measures.prioritisation.id"),
    sa.Column("idea_id", sa.Uuid, sa.ForeignKey("measures.idea.id"), nullable=False, index=True),
    sa.Column("value", sa.SmallInteger, nullable=False, comment="of each ballot"),
    sa.Column("ballots", sa.Integer, nullable=False),
    *stamps(),
    sa.CheckConstraint("ballots > 0", name="ballots"),
    sa.Index(None, "prioritisation_id", "idea_id"),
    comment="ballots as they were entered; nobody's name is on them",
)

package = sa.Table(
    "package",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("workshop_id", sa.Uuid, sa.ForeignKey("measures.workshop.id"), nullable=False),
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("state", Code(PackageState), nullable=False),
    sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the ZIP file"),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, comment="null once an idea in it was deleted on request"),
    sa.Column("ideas", JSONB, nullable=False, comment="references of the ideas in it"),
    sa.Column("recipient", sa.Text, comment="a function, not a person"),
    sa.Column("note", sa.Text),
    stamp("drafted"),
    *optional(sa.DateTime(timezone=True), "delivered_at", "acknowledged_at", "removed_at"),
    *stamps(),
    sa.UniqueConstraint("workshop_id", "version"),
    sa.CheckConstraint(
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

client_salt = sa.Table(
    "client_salt",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    comment=(
        "makes addresses of callers unreadable; thrown away after two days, and with it what could"
        " join them"
    ),
)

client_counter = sa.Table(
    "client_counter",
    metadata,
    sa.Column(
        "client",
        sa.LargeBinary,
        primary_key=True,
        comment="keyed digest of an address, never the address",
    ),
    sa.Column("window_start", sa.DateTime(timezone=True), primary_key=True, index=True),
    sa.Column("count", sa.Integer, nullable=False),
    prefixes=["UNLOGGED"],
    comment="hand-ins per caller and window; seen by all processes of the service",
)
