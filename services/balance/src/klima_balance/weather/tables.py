"""The table of degree days."""

from sqlalchemy import Column, Double, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from klima_balance.regions.tables import metadata, of_region, revised

degree_days = Table(
    "degree_days",
    metadata,
    of_region(primary_key=True),
    Column("definition", Text, nullable=False, comment="how they were counted, e.g. G20/15"),
    Column("mean", Double, nullable=False),
    Column("mean_period", Text, nullable=False),
    Column("years", JSONB, nullable=False, comment="degree days by year"),
    Column("source", Text, nullable=False),
    Column("note", Text),
    *revised(),
    comment="one series a region, for the weather view; never of the balance",
)
