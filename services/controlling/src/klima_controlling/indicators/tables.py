"""Tables of indicators and their entered values."""

import sqlalchemy as sa

from klima_controlling.base.tables import change_stamps, metadata
from klima_shared.revisions.tables import required, stamps

indicator = sa.Table(
    "indicator",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("position", sa.SmallInteger, nullable=False),
    *required(sa.Text, "name_de", "name_en", "unit"),
    sa.Column("definition", sa.Text, nullable=False, server_default=""),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column(
        "level", sa.Text, nullable=False, comment="municipality, county, organisation or all"
    ),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("formula", sa.Text, comment="null: values are entered by hand"),
    sa.Column("normaliser", sa.Text),
    sa.Column("interval_months", sa.SmallInteger, nullable=False),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("share", sa.Boolean, nullable=False, comment="a percentage that can't exceed 100"),
    sa.Column("certainty", sa.Text, nullable=False, server_default=""),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    *change_stamps(),
    sa.CheckConstraint("interval_months between 1 and 120", name="interval"),
    comment="what is measured, and how it is computed",
)

indicator_value = sa.Table(
    "indicator_value",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("indicator", sa.Text, sa.ForeignKey(indicator.c.code), nullable=False),
    sa.Column("boundary", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, comment="AGS, or id of an organisation"),
    sa.Column("region", sa.Text, nullable=False, comment="whose editors may write it"),
    sa.Column("period", sa.Text, nullable=False, comment="2021, 2021-H1 or 2021-Q3"),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("quality", sa.Text),
    *required(sa.Text, "state", "source"),
    sa.Column("note", sa.Text),
    sa.Column("revision", sa.Integer, nullable=False),
    *stamps("created"),
    sa.UniqueConstraint("indicator", "key", "period", "revision"),
    sa.Index(None, "key", "period"),
    sa.CheckConstraint("revision > 0", name="revision"),
    comment="entered values; a correction is a new revision, the old one stays",
)
