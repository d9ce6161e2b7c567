"""Tables of organisations: their registers, what they use, their published balances."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata, of_region, revised
from klima_shared.revisions.tables import optional, owned_by, required, stamp

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    of_region(index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("target_year", sa.SmallInteger),
    sa.Column("to_year", sa.SmallInteger, comment="the last year of its balance"),
    stamp("created"),
    *revised(),
    sa.UniqueConstraint("region", "name"),
    comment=(
        "an administration with its holdings: a boundary of its own, never mixed with the territory"
    ),
)


def _of_organisation() -> sa.Column[object]:
    key = sa.ForeignKey("balance.organisation.id")
    return sa.Column("organisation_id", sa.Uuid, key, nullable=False)


holding = sa.Table(
    "holding",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _of_organisation(),
    sa.Column("name", sa.Text, nullable=False),
    *optional(sa.Text, "legal_form", "purpose"),
    *revised(),
    sa.UniqueConstraint("organisation_id", "name"),
    comment="a company of the organisation; inside the boundary while the share is above 50 %",
)

holding_share = sa.Table(
    "holding_share",
    metadata,
    owned_by("holding_id", "balance.holding.id", primary_key=True),
    sa.Column("from_year", sa.SmallInteger, primary_key=True),
    sa.Column("share_percent", sa.Numeric(6, 3), nullable=False),
    sa.Column("source", sa.Text),
    sa.CheckConstraint("share_percent between 0 and 100", name="percent"),
    comment="shares by the year from which they hold",
)

property_ = sa.Table(
    "property",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _of_organisation(),
    sa.Column(
        "holding_id",
        sa.Uuid,
        sa.ForeignKey("balance.holding.id"),
        comment="null: the administration itself",
    ),
    sa.Column(
        "region",
        sa.Text,
        sa.ForeignKey("balance.region.ags"),
        nullable=False,
        comment="the municipality it stands in",
    ),
    *required(sa.Text, "name", "kind"),
    *optional(sa.Text, "purpose", "address"),
    sa.Column("area_m2", sa.Double),
    *optional(sa.SmallInteger, "from_year", "to_year"),
    sa.Column("meters", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("note", sa.Text),
    *revised(),
    sa.UniqueConstraint("organisation_id", "name"),
    sa.CheckConstraint("area_m2 > 0", name="area"),
    comment="register of buildings and facilities",
)

organisation_activity = sa.Table(
    "organisation_activity",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _of_organisation(),
    sa.Column("holding_id", sa.Uuid, sa.ForeignKey("balance.holding.id")),
    sa.Column("property_id", sa.Uuid, sa.ForeignKey("balance.property.id")),
    sa.Column("year", sa.SmallInteger, nullable=False),
    sa.Column(
        "area",
        sa.Text,
        nullable=False,
        comment="buildings, fleet, street_lighting, water, infrastructure",
    ),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("vehicle", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("meter", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("quantity", sa.Double, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column(
        "quantity_mwh", sa.Double, nullable=False, comment="converted with the heating values (Hi)"
    ),
    *required(sa.Text, "status", "grade", "source"),
    sa.Column("note", sa.Text),
    *revised(),
    sa.UniqueConstraint(
        "organisation_id",
        "year",
        "area",
        "carrier",
        "vehicle",
        "meter",
        "holding_id",
        "property_id",
        name="uq_organisation_activity_cell",
        postgresql_nulls_not_distinct=True,
    ),
    sa.CheckConstraint("quantity >= 0 and quantity_mwh >= 0", name="not_negative"),
    comment="what the organisation uses, by building, meter and vehicle",
)

organisation_balance = sa.Table(
    "organisation_balance",
    metadata,
    sa.Column(
        "organisation_id", sa.Uuid, sa.ForeignKey("balance.organisation.id"), primary_key=True
    ),
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column(
        "document", sa.LargeBinary, nullable=False, comment="as it was published; never changes"
    ),
    sa.Column("reason", sa.Text),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
    comment="published balances of organisations",
)
