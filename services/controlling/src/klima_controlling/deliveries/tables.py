"""Tables of standing data deliveries and their receipts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from klima_controlling.base.tables import authorship, change_stamp, metadata

data_delivery = Table(
    "data_delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("deliverer", Text, nullable=False, comment="from whom: function or organisation"),
    Column("recipient", Text, nullable=False),
    Column("interval_months", SmallInteger, nullable=False),
    Column("most_months", SmallInteger, comment="never later than this after the last one"),
    Column("first_due", Date, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("ended_on", Date),
    Column("revision", Integer, nullable=False, server_default="1"),
    *authorship(),
    change_stamp(),
    Index(None, "region"),
    UniqueConstraint("region", "title"),
    CheckConstraint("interval_months between 1 and 120", name="interval"),
    CheckConstraint("most_months >= interval_months", name="most"),
    comment="what is due from whom, at which interval",
)

delivery_receipt = Table(
    "delivery_receipt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("delivery_id", Uuid, ForeignKey(data_delivery.c.id), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("delivered_on", Date, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    *authorship(),
    UniqueConstraint("delivery_id", "due_on"),
    comment="what was delivered",
)
