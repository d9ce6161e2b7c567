"""The table of district heat networks."""

from sqlalchemy import CheckConstraint, Column, Double, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata, of_region, revised

heat_supply = Table(
    "heat_supply",
    metadata,
    of_region(primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("network", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("delivered_mwh", Double, nullable=False),
    Column("plant", JSONB, comment="fuels, power, heat, supply temperature, boilers"),
    Column("declared", JSONB, comment="a technology with its share and factor"),
    Column("source", Text, nullable=False),
    Column("note", Text),
    *revised(),
    CheckConstraint("delivered_mwh > 0", name="delivered"),
    comment="district heat networks and their plants, per year",
)
