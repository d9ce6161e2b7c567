"""Columns that things with revisions share, and codes as a column type."""

from __future__ import annotations

from typing import Generic, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

from klima_shared.codes.labelled import Labelled

L = TypeVar("L", bound=Labelled)


class Code(TypeDecorator[L], Generic[L]):
    """A code list stored as text: rows hold its members, and a word outside the list is refused."""

    impl = Text
    cache_ok = True

    def __init__(self, codes: type[L]) -> None:
        super().__init__()
        self.codes = codes
        self._members = {code.value: code for code in codes}

    def process_bind_param(self, value: L | None, _: Dialect) -> str | None:
        return None if value is None else self.codes(value).value

    def process_result_value(self, value: str | None, _: Dialect) -> L | None:
        return None if value is None else self._members[value]


def stamps() -> list[Column[object]]:
    """When and by whom a row was last written."""
    return [
        Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("changed_by", Text, nullable=False),
    ]


def record_table(metadata: MetaData, name: str, comment: str, *extra: SchemaItem) -> Table:
    """A table of records: whose editors write, whether the public reads, the order in lists, the
    content, and `extra` columns that queries need."""
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("region", Text, nullable=False, comment="whose editors write"),
        Column("revision", Integer, nullable=False),
        Column("published", Boolean, nullable=False),
        Column(
            "sort_key",
            Text(collation="C"),
            nullable=False,
            comment="order in lists, computed by the program",
        ),
        Column("document", JSONB, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        *stamps(),
        *extra,
        Index(None, "sort_key", "id"),
        Index(None, "changed_at"),
        comment=comment,
    )
