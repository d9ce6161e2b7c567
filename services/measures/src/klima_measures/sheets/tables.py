"""Tables of measures.

A sheet is one document per revision; no revision is ever changed. What is searched and summed is
laid out beside it, once as the public sees it (the published revision) and once as the editors do
(the working revision), by the transaction that writes the revision.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.schema import SchemaItem

from klima_measures.base.tables import metadata
from klima_measures.sheets.model.codes import Editorial
from klima_shared.codes.action import Phase
from klima_shared.revisions.tables import Code, optional, owned_by, required, signed, stamp, stamps

_AUDIENCES = "audience in ('public', 'internal')"

measure = sa.Table(
    "measure",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    *required(sa.Text, "concept", "number"),
    sa.Column(
        "owner",
        sa.Text,
        nullable=False,
        comment="the region whose editors write: the county or one municipality",
    ),
    sa.Column(
        "regions",
        ARRAY(sa.Text),
        nullable=False,
        comment="those who take part; a county's key is all of it",
    ),
    sa.Column(
        "revision", sa.Integer, nullable=False, comment="the working revision; counts every write"
    ),
    sa.Column("editorial", Code(Editorial), nullable=False),
    sa.Column("phase", Code(Phase), nullable=False),
    sa.Column("published_revision", sa.Integer),
    *signed("published"),
    sa.Column("first_published_at", sa.DateTime(timezone=True)),
    stamp("created"),
    *stamps(),
    sa.UniqueConstraint("concept", "number"),
    sa.CheckConstraint(
        "editorial in ('draft', 'in_review', 'published', 'archived')", name="editorial"
    ),
    sa.CheckConstraint("published_revision <= revision", name="published_revision"),
    comment="one row a measure: where it stands; its content is in measure_revision",
)


def _made() -> list[sa.Column[object]]:
    """When and by whom a revision was made."""
    return [
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("by", sa.Text, nullable=False),
    ]


measure_revision = sa.Table(
    "measure_revision",
    metadata,
    owned_by("measure_id", "measures.measure.id", primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("document", JSONB, nullable=False),
    sa.Column("phase", Code(Phase), nullable=False),
    sa.Column("editorial", Code(Editorial), nullable=False),
    sa.Column(
        "action",
        sa.Text,
        nullable=False,
        comment="create, change, transition, review, publish, archive, import",
    ),
    sa.Column("comment", sa.Text),
    *_made(),
    comment="every state a sheet was ever in",
)

measure_transition = sa.Table(
    "measure_transition",
    metadata,
    owned_by("measure_id", "measures.measure.id", primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, comment="the revision that this move made"),
    sa.Column("from_phase", Code(Phase)),
    sa.Column("to_phase", Code(Phase), nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("reason", sa.Text),
    *_made(),
    comment="moves on the phase axis",
)

measure_view = sa.Table(
    "measure_view",
    metadata,
    owned_by("measure_id", "measures.measure.id", primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True),
    # What is filtered and sorted by comes first: Postgres reads a row from its start to the last
    # column it needs.
    *required(sa.SmallInteger, "field_rank", "priority_rank"),
    *required(sa.Boolean, "intermunicipal", "example"),
    sa.Column("editorial", sa.Text, nullable=False),
    sa.Column(
        "number_key", sa.Text, nullable=False, comment="the number as it sorts: digits padded"
    ),
    *required(sa.Text, "field", "level", "type", "phase", "concept"),
    sa.Column("first_year", sa.SmallInteger, comment="of the planned or actual time"),
    sa.Column("last_year", sa.SmallInteger, comment="null with a first year: without an end"),
    sa.Column("cost_eur", sa.Numeric(16, 2), comment="due once; null: not one amount is known"),
    sa.Column("cost_yearly_eur", sa.Numeric(16, 2), comment="due every year, never added to it"),
    sa.Column("saving_t_co2e", sa.Double, comment="a year at full effect; null: not quantified"),
    sa.Column("saving_mwh", sa.Double),
    *optional(sa.Text, "horizon", "priority"),
    sa.Column("starts_on", sa.Date),
    *optional(sa.Uuid, "strategy", "quarter"),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column(
        "places",
        ARRAY(sa.Integer),
        nullable=False,
        comment="see storage.places: one overlap finds a region's measures",
    ),
    sa.Column(
        "status_dates",
        ARRAY(sa.Date),
        nullable=False,
        comment="days from which each of status_codes holds",
    ),
    sa.Column("status_codes", ARRAY(sa.Text), nullable=False),
    sa.Column(
        "title_key", sa.Text, nullable=False, comment="the title as German dictionaries sort it"
    ),
    sa.Column("revision", sa.Integer, nullable=False),
    *required(sa.Text, "number", "title", "short_text", "owner"),
    *required(ARRAY(sa.Text), "regions", "sectors"),
    sa.CheckConstraint(_AUDIENCES, name="audience"),
    sa.Index("ix_measure_view_order", "audience", "field_rank", "number_key", "measure_id"),
    sa.Index("ix_measure_view_changed", "audience", "changed_at"),
    sa.Index("ix_measure_view_places", "places", postgresql_using="gin"),
    comment="what lists and filters read",
)


def _view_key() -> sa.ForeignKeyConstraint:
    target = ["measures.measure_view.measure_id", "measures.measure_view.audience"]
    return sa.ForeignKeyConstraint(["measure_id", "audience"], target, ondelete="CASCADE")


def _of_view() -> list[SchemaItem]:
    """The row of a view that this one is a part of, and its place there."""
    return [
        sa.Column("measure_id", sa.Uuid, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        _view_key(),
        sa.Index(None, "measure_id", "audience", "position", unique=True),
    ]


measure_words = sa.Table(
    "measure_words",
    metadata,
    sa.Column("measure_id", sa.Uuid, primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("words", TSVECTOR, nullable=False),
    sa.Column(
        "title_words", TSVECTOR, nullable=False, comment="number and title, for the order of hits"
    ),
    _view_key(),
    sa.Index("ix_measure_words_words", "words", postgresql_using="gin"),
    comment="full text, apart from the view so that its rows stay small",
)

measure_cost = sa.Table(
    "measure_cost",
    metadata,
    *_of_view(),
    sa.Column("year", sa.SmallInteger, comment="null: not yet assigned to a year"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payer", sa.Text),
    sa.Column("recurring", sa.Boolean, nullable=False, comment="the amount falls due every year"),
    sa.Column("amount_eur", sa.Numeric(16, 2), comment="null: known to cost, not how much"),
    sa.Column("certainty", sa.Text),
    sa.CheckConstraint("amount_eur >= 0", name="not_negative"),
)

measure_saving = sa.Table(
    "measure_saving",
    metadata,
    *_of_view(),
    sa.Column("year", sa.SmallInteger, comment="null: a year at full effect"),
    *optional(sa.Text, "sector", "carrier"),
    *optional(sa.Double, "final_energy_mwh", "emissions_t_co2e"),
    *optional(sa.Text, "evidence", "overlap_group"),
    sa.Column("affects_bisko", sa.Boolean, nullable=False),
    sa.Index(None, "overlap_group", postgresql_where=sa.text("overlap_group is not null")),
)

measure_link = sa.Table(
    "measure_link",
    metadata,
    *_of_view(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column(
        "target_id", sa.Uuid, sa.ForeignKey("measures.measure.id"), nullable=False, index=True
    ),
    sa.CheckConstraint("measure_id <> target_id", name="not_itself"),
)
