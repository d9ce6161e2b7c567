"""Tables of local figures, with every revision kept."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata, of_region
from klima_shared.revisions.tables import required, stamps


def figure_columns() -> list[sa.Column[object]]:
    """A local figure as it came, and in MWh."""
    return [
        sa.Column("quantity", sa.Double, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column(
            "quantity_mwh",
            sa.Double,
            comment="converted with the heating values (Hi); null: no energy",
        ),
        *required(sa.Text, "status", "grade", "source"),
        sa.Column("note", sa.Text),
    ]


def _revision() -> list[sa.Column[object]]:
    """One state that something was in, behind the columns of its key."""
    return [
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        *stamps(),
    ]


activity = sa.Table(
    "activity",
    metadata,
    of_region(primary_key=True),
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column(
        "key", sa.Text, primary_key=True, comment="sector.carrier or sector.carrier.category"
    ),
    sa.Column("revision", sa.Integer, nullable=False),
    *required(sa.Text, "sector", "carrier"),
    sa.Column("category", sa.Text, nullable=False, server_default=sa.text("''")),
    *figure_columns(),
    sa.Column("contained_in_ghd", sa.Boolean, nullable=False, server_default=sa.text("true")),
    *stamps(index=True),
    sa.CheckConstraint("quantity >= 0 and quantity_mwh >= 0", name="not_negative"),
    sa.CheckConstraint("status in ('measured', 'estimated', 'confirmed_zero')", name="status"),
    sa.CheckConstraint("grade in ('A', 'B', 'C', 'D')", name="grade"),
    comment="local figures; they supersede the defaults of the method cell by cell",
)

activity_history = sa.Table(
    "activity_history",
    metadata,
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    *_revision(),
    comment="every revision of an activity, the deleting one included",
)

record_history = sa.Table(
    "record_history",
    metadata,
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    *_revision(),
    comment="every revision of what has a key of its own, the deleting one included",
)
