"""Tables of organisations: their registers, what they use, their published balances."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata, revised, stamp

organisation = Table(
    "organisation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, ForeignKey("balance.region.ags"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("target_year", SmallInteger),
    Column("to_year", SmallInteger, comment="the last year of its balance"),
    stamp("created"),
    *revised(),
    UniqueConstraint("region", "name"),
    comment=(
        "an administration with its holdings: a boundary of its own, never mixed with the territory"
    ),
)

holding = Table(
    "holding",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("balance.organisation.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("legal_form", Text),
    Column("purpose", Text),
    *revised(),
    UniqueConstraint("organisation_id", "name"),
    comment="a company of the organisation; inside the boundary while the share is above 50 %",
)

holding_share = Table(
    "holding_share",
    metadata,
    Column(
        "holding_id", Uuid, ForeignKey("balance.holding.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("from_year", SmallInteger, primary_key=True),
    Column("share_percent", Numeric(6, 3), nullable=False),
    Column("source", Text),
    CheckConstraint("share_percent between 0 and 100", name="percent"),
    comment="shares by the year from which they hold",
)

property_ = Table(
    "property",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("balance.organisation.id"), nullable=False),
    Column(
        "holding_id",
        Uuid,
        ForeignKey("balance.holding.id"),
        comment="null: the administration itself",
    ),
    Column(
        "region",
        Text,
        ForeignKey("balance.region.ags"),
        nullable=False,
        comment="the municipality it stands in",
    ),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("purpose", Text),
    Column("address", Text),
    Column("area_m2", Double),
    Column("from_year", SmallInteger),
    Column("to_year", SmallInteger),
    Column("meters", JSONB, nullable=False, server_default=text("'[]'")),
    Column("note", Text),
    *revised(),
    UniqueConstraint("organisation_id", "name"),
    CheckConstraint("area_m2 > 0", name="area"),
    comment="register of buildings and facilities",
)

organisation_activity = Table(
    "organisation_activity",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("balance.organisation.id"), nullable=False),
    Column("holding_id", Uuid, ForeignKey("balance.holding.id")),
    Column("property_id", Uuid, ForeignKey("balance.property.id")),
    Column("year", SmallInteger, nullable=False),
    Column(
        "area",
        Text,
        nullable=False,
        comment="buildings, fleet, street_lighting, water, infrastructure",
    ),
    Column("carrier", Text, nullable=False),
    Column("vehicle", Text, nullable=False, server_default=text("''")),
    Column("meter", Text, nullable=False, server_default=text("''")),
    Column("quantity", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column(
        "quantity_mwh", Double, nullable=False, comment="converted with the heating values (Hi)"
    ),
    Column("status", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("note", Text),
    *revised(),
    UniqueConstraint(
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
    CheckConstraint("quantity >= 0 and quantity_mwh >= 0", name="not_negative"),
    comment="what the organisation uses, by building, meter and vehicle",
)

organisation_balance = Table(
    "organisation_balance",
    metadata,
    Column("organisation_id", Uuid, ForeignKey("balance.organisation.id"), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("document", LargeBinary, nullable=False, comment="as it was published; never changes"),
    Column("reason", Text),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("published_by", Text, nullable=False),
    comment="published balances of organisations",
)
