"""Tables of standing data deliveries and their receipts."""

import sqlalchemy as sa

from klima_controlling.base.tables import change_stamps, metadata
from klima_shared.revisions.tables import required, stamps

data_delivery = sa.Table(
    "data_delivery",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    *required(sa.Text, "title", "kind", "region"),
    sa.Column("deliverer", sa.Text, nullable=False, comment="from whom: function or organisation"),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("interval_months", sa.SmallInteger, nullable=False),
    sa.Column("most_months", sa.SmallInteger, comment="never later than this after the last one"),
    sa.Column("first_due", sa.Date, nullable=False),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Column("ended_on", sa.Date),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    *stamps("created"),
    *change_stamps(),
    sa.Index(None, "region"),
    sa.UniqueConstraint("region", "title"),
    sa.CheckConstraint("interval_months between 1 and 120", name="interval"),
    sa.CheckConstraint("most_months >= interval_months", name="most"),
    comment="what is due from whom, at which interval",
)

delivery_receipt = sa.Table(
    "delivery_receipt",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("delivery_id", sa.Uuid, sa.ForeignKey(data_delivery.c.id), nullable=False),
    *required(sa.Date, "due_on", "delivered_on"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    *stamps("created"),
    sa.UniqueConstraint("delivery_id", "due_on"),
    comment="what was delivered",
)
