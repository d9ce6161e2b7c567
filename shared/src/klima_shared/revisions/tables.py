"""Columns that things with revisions share, and codes as a column type."""

from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

from klima_shared.codes.labelled import Labelled

L = TypeVar("L", bound=Labelled)


class Code(sa.TypeDecorator[L], Generic[L]):
    """A code list stored as text: rows hold its members, and a word outside the list is refused."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, codes: type[L]) -> None:
        super().__init__()
        self.codes = codes
        self._members = {code.value: code for code in codes}

    def process_bind_param(self, value: L | None, _: sa.Dialect) -> str | None:
        return None if value is None else self.codes(value).value

    def process_result_value(self, value: str | None, _: sa.Dialect) -> L | None:
        return None if value is None else self._members[value]


def stamps() -> list[sa.Column[object]]:
    """When and by whom a row was last written."""
    return [
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]


def record_table(metadata: sa.MetaData, name: str, comment: str, *extra: SchemaItem) -> sa.Table:
    """A table of records: whose editors write, whether the public reads, the order in lists, the
    content, and `extra` columns that queries need."""
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.Text, nullable=False, comment="whose editors write"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column(
            "sort_key",
            sa.Text(collation="C"),
            nullable=False,
            comment="order in lists, computed by the program",
        ),
        sa.Column("document", JSONB, nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        *stamps(),
        *extra,
        sa.Index(None, "sort_key", "id"),
        sa.Index(None, "changed_at"),
        comment=comment,
    )
