"""Tables of measures.

A sheet is one document per revision; no revision is ever changed. What is searched and summed is
laid out beside it, once as the public sees it (the published revision) and once as the editors do
(the working revision), by the transaction that writes the revision.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from klima_measures.base.tables import metadata
from klima_measures.sheets.model.codes import Editorial
from klima_shared.codes.action import Phase
from klima_shared.revisions.tables import Code, stamps

_AUDIENCES = "audience in ('public', 'internal')"

measure = Table(
    "measure",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("concept", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column(
        "owner",
        Text,
        nullable=False,
        comment="the region whose editors write: the county or one municipality",
    ),
    Column(
        "regions",
        ARRAY(Text),
        nullable=False,
        comment="those who take part; a county's key is all of it",
    ),
    Column("revision", Integer, nullable=False, comment="the working revision; counts every write"),
    Column("editorial", Code(Editorial), nullable=False),
    Column("phase", Code(Phase), nullable=False),
    Column("published_revision", Integer),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    Column("first_published_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    *stamps(),
    UniqueConstraint("concept", "number"),
    CheckConstraint(
        "editorial in ('draft', 'in_review', 'published', 'archived')", name="editorial"
    ),
    CheckConstraint("published_revision <= revision", name="published_revision"),
    comment="one row a measure: where it stands; its content is in measure_revision",
)

measure_revision = Table(
    "measure_revision",
    metadata,
    Column(
        "measure_id", Uuid, ForeignKey("measures.measure.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("revision", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("phase", Code(Phase), nullable=False),
    Column("editorial", Code(Editorial), nullable=False),
    Column(
        "action",
        Text,
        nullable=False,
        comment="create, change, transition, review, publish, archive, import",
    ),
    Column("comment", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("by", Text, nullable=False),
    comment="every state a sheet was ever in",
)

measure_transition = Table(
    "measure_transition",
    metadata,
    Column(
        "measure_id", Uuid, ForeignKey("measures.measure.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("revision", Integer, primary_key=True, comment="the revision that this move made"),
    Column("from_phase", Code(Phase)),
    Column("to_phase", Code(Phase), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("reason", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("by", Text, nullable=False),
    comment="moves on the phase axis",
)

measure_view = Table(
    "measure_view",
    metadata,
    Column(
        "measure_id", Uuid, ForeignKey("measures.measure.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("audience", Text, primary_key=True),
    # What is filtered and sorted by comes first: Postgres reads a row from its start to the last
    # column it needs.
    Column("field_rank", SmallInteger, nullable=False),
    Column("priority_rank", SmallInteger, nullable=False),
    Column("intermunicipal", Boolean, nullable=False),
    Column("example", Boolean, nullable=False),
    Column("editorial", Text, nullable=False),
    Column("number_key", Text, nullable=False, comment="the number as it sorts: digits padded"),
    Column("field", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("concept", Text, nullable=False),
    Column("first_year", SmallInteger, comment="of the planned or actual time"),
    Column("last_year", SmallInteger, comment="null with a first year: without an end"),
    Column("cost_eur", Numeric(16, 2), comment="null: not one amount is known"),
    Column("saving_t_co2e", Double, comment="a year at full effect; null: not quantified"),
    Column("saving_mwh", Double),
    Column("horizon", Text),
    Column("priority", Text),
    Column("starts_on", Date),
    Column("strategy", Uuid),
    Column("quarter", Uuid),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column(
        "places",
        ARRAY(Integer),
        nullable=False,
        comment="see storage.places: one overlap finds a region's measures",
    ),
    Column(
        "status_dates",
        ARRAY(Date),
        nullable=False,
        comment="days from which each of status_codes holds",
    ),
    Column("status_codes", ARRAY(Text), nullable=False),
    Column("title_key", Text, nullable=False, comment="the title as German dictionaries sort it"),
    Column("revision", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("short_text", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("regions", ARRAY(Text), nullable=False),
    Column("sectors", ARRAY(Text), nullable=False),
    CheckConstraint(_AUDIENCES, name="audience"),
    Index("ix_measure_view_order", "audience", "field_rank", "number_key", "measure_id"),
    Index("ix_measure_view_changed", "audience", "changed_at"),
    Index("ix_measure_view_places", "places", postgresql_using="gin"),
    comment="what lists and filters read",
)


def _of_view() -> list[Column[object]]:
    return [
        Column("measure_id", Uuid, nullable=False),
        Column("audience", Text, nullable=False),
        Column("position", SmallInteger, nullable=False),
    ]


def _view_key() -> ForeignKeyConstraint:
    target = ["measures.measure_view.measure_id", "measures.measure_view.audience"]
    return ForeignKeyConstraint(["measure_id", "audience"], target, ondelete="CASCADE")


measure_words = Table(
    "measure_words",
    metadata,
    Column("measure_id", Uuid, primary_key=True),
    Column("audience", Text, primary_key=True),
    Column("words", TSVECTOR, nullable=False),
    Column(
        "title_words", TSVECTOR, nullable=False, comment="number and title, for the order of hits"
    ),
    _view_key(),
    Index("ix_measure_words_words", "words", postgresql_using="gin"),
    comment="full text, apart from the view so that its rows stay small",
)

measure_cost = Table(
    "measure_cost",
    metadata,
    *_of_view(),
    Column("year", SmallInteger, comment="null: not yet assigned to a year"),
    Column("kind", Text, nullable=False),
    Column("payer", Text),
    Column("recurring", Boolean, nullable=False, comment="the amount falls due every year"),
    Column("amount_eur", Numeric(16, 2), comment="null: known to cost, not how much"),
    Column("certainty", Text),
    _view_key(),
    Index(None, "measure_id", "audience", "position", unique=True),
    CheckConstraint("amount_eur >= 0", name="not_negative"),
)

measure_saving = Table(
    "measure_saving",
    metadata,
    *_of_view(),
    Column("year", SmallInteger, comment="null: a year at full effect"),
    Column("sector", Text),
    Column("carrier", Text),
    Column("final_energy_mwh", Double),
    Column("emissions_t_co2e", Double),
    Column("evidence", Text),
    Column("overlap_group", Text),
    Column("affects_bisko", Boolean, nullable=False),
    _view_key(),
    Index(None, "measure_id", "audience", "position", unique=True),
    Index(None, "overlap_group", postgresql_where=text("overlap_group is not null")),
)

measure_link = Table(
    "measure_link",
    metadata,
    *_of_view(),
    Column("kind", Text, nullable=False),
    Column("target_id", Uuid, ForeignKey("measures.measure.id"), nullable=False, index=True),
    _view_key(),
    Index(None, "measure_id", "audience", "position", unique=True),
    CheckConstraint("measure_id <> target_id", name="not_itself"),
)
