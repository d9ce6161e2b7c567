"""Tables of local data: imports of files, heat networks, the organisation's own boundary,
recalculations."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from klima_balance.regions.tables import metadata

_now = func.now()


def _stamp(name: str) -> Column[object]:
    return Column(f"{name}_at", DateTime(timezone=True), nullable=False, server_default=_now)


def _revised() -> list[Column[object]]:
    """Revision, when and by whom: what can be changed has them."""
    return [
        Column("revision", Integer, nullable=False, server_default=text("1")),
        _stamp("changed"),
        Column("changed_by", Text, nullable=False),
    ]


def _figure() -> list[Column[object]]:
    """A delivered quantity as it came, and in MWh."""
    return [
        Column("quantity", Double, nullable=False),
        Column("unit", Text, nullable=False),
        Column(
            "quantity_mwh", Double, nullable=False, comment="converted with the heating values (Hi)"
        ),
        Column("status", Text, nullable=False),
        Column("grade", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("note", Text),
    ]


data_import = Table(
    "data_import",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, comment="csv, csv-de, xlsx, template, properties"),
    Column("file_name", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True, comment="sha256 of the file"),
    Column("size_bytes", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("regions", ARRAY(Text), nullable=False),
    Column("years", ARRAY(SmallInteger), nullable=False),
    _stamp("created"),
    Column("created_by", Text, nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", Text),
    Index("ix_data_import_created", "created_at", "id"),
    comment="who delivered which file when; its rows can be taken back as a whole",
)

data_import_row = Table(
    "data_import_row",
    metadata,
    Column("import_id", Uuid, ForeignKey("balance.data_import.id"), primary_key=True),
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("line", Integer, nullable=False, comment="of the file"),
    Column("revision", Integer, nullable=False, comment="of the activity that the import made"),
    Column("before_revision", Integer, comment="what stood there before; null: nothing"),
    Index(None, "region", "year", "key", "revision"),
    comment="what an import changed, for taking it back",
)

heat_supply = Table(
    "heat_supply",
    metadata,
    Column("region", Text, ForeignKey("balance.region.ags"), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("network", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("delivered_mwh", Double, nullable=False),
    Column("plant", JSONB, comment="fuels, power, heat, supply temperature, boilers"),
    Column("declared", JSONB, comment="a technology with its share and factor"),
    Column("source", Text, nullable=False),
    Column("note", Text),
    *_revised(),
    CheckConstraint("delivered_mwh > 0", name="delivered"),
    comment="district heat networks and their plants, per year",
)

record_history = Table(
    "record_history",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("deleted", Boolean, nullable=False),
    Column("content", JSONB, nullable=False),
    _stamp("changed"),
    Column("changed_by", Text, nullable=False),
    comment="every revision of what has a key of its own, the deleting one included",
)

degree_days = Table(
    "degree_days",
    metadata,
    Column("region", Text, ForeignKey("balance.region.ags"), primary_key=True),
    Column("definition", Text, nullable=False, comment="how they were counted, e.g. G20/15"),
    Column("mean", Double, nullable=False),
    Column("mean_period", Text, nullable=False),
    Column("years", JSONB, nullable=False, comment="degree days by year"),
    Column("source", Text, nullable=False),
    Column("note", Text),
    *_revised(),
    comment="one series a region, for the weather view; never of the balance",
)

organisation = Table(
    "organisation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, ForeignKey("balance.region.ags"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("target_year", SmallInteger),
    Column("to_year", SmallInteger, comment="the last year of its balance"),
    _stamp("created"),
    *_revised(),
    UniqueConstraint("region", "name"),
    comment="an administration with its holdings: a boundary of its own, never mixed with the territory",
)

holding = Table(
    "holding",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("balance.organisation.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("legal_form", Text),
    Column("purpose", Text),
    *_revised(),
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
    *_revised(),
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
    *_figure(),
    *_revised(),
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

recalculation = Table(
    "recalculation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text, ForeignKey("balance.region.ags"), nullable=False),
    Column("factor_set", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("years", ARRAY(SmallInteger), nullable=False),
    Column("report", JSONB, nullable=False, comment="differences to what is published"),
    _stamp("created"),
    Column("created_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    comment="another factor set for all years at once: drafts, a report, then published together",
)
