"""Tables beside the sheets: what sheets refer to. Each has the same form: a code people use, a
document, a revision."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from klima_measures.base.tables import metadata
from klima_shared.revisions.tables import optional, required, stamps


def _register(name: str, comment: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        *required(Text, "code", "title"),
        Column("region", Text, nullable=False, comment="whose editors write"),
        Column("revision", Integer, nullable=False),
        Column("document", JSONB, nullable=False),
        Column("public", Boolean, nullable=False),
        *optional(Date, "valid_from", "valid_to"),
        *stamps(),
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
