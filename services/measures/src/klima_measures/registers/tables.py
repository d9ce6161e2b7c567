"""Tables beside the sheets: what sheets refer to. Each has the same form: a code people use, a
document, a revision."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from klima_measures.base.tables import changed, metadata


def _register(name: str, comment: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("code", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("region", Text, nullable=False, comment="whose editors write"),
        Column("revision", Integer, nullable=False),
        Column("document", JSONB, nullable=False),
        Column("public", Boolean, nullable=False),
        Column("valid_from", Date),
        Column("valid_to", Date),
        *changed(),
        UniqueConstraint("region", "code"),
        Index(None, "changed_at"),
        comment=comment,
    )


concept = _register(
    "concept", "the climate concepts measures belong to, with the date the horizon is counted from"
)
template = _register("template", "steps, roles and gates to create measures from")
funding_programme = _register(
    "funding_programme", "programmes with giver, rate, deadline and validity"
)
consulting_round = _register(
    "round", "rounds of ÖKOPROFIT and the like, with the firms taking part"
)
strategy = _register("strategy", "parents of measures")
quarter = _register("quarter", "quarters inside one municipality")

region = Table(
    "region",
    metadata,
    Column("ags", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="names of regions, a copy of the balance service's registry",
)

catalogue_job = Table(
    "catalogue_job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("audience", Text, nullable=False),
    Column("selection", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("message", Text),
    Column("content", LargeBinary),
    Column(
        "created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True
    ),
    Column("finished_at", DateTime(timezone=True)),
    Column("created_by", Text, nullable=False),
    CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
    comment="catalogue PDFs being made, and those made lately",
)
