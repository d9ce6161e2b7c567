"""Columns that tables share, above all those of things with revisions; codes as a column type."""

from typing import Any, Generic, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

from klima_shared.codes.labelled import Labelled

L = TypeVar("L", bound=Labelled)
Kind: TypeAlias = type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any]
"""The type of a column, as SQLAlchemy takes it."""


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


def required(kind: Kind, *names: str) -> list[sa.Column[object]]:
    """Columns of one type that are never empty."""
    return [sa.Column(name, kind, nullable=False) for name in names]


def optional(kind: Kind, *names: str) -> list[sa.Column[object]]:
    """Columns of one type that may be empty."""
    return [sa.Column(name, kind) for name in names]


def owned_by(
    name: str, target: str, *, primary_key: bool = False, index: bool = False
) -> sa.Column[object]:
    """The id of the row that this one belongs to and is deleted with."""
    return sa.Column(
        name,
        sa.Uuid,
        sa.ForeignKey(target, ondelete="CASCADE"),
        primary_key=primary_key,
        index=index or None,
        nullable=False,
    )


def signed(name: str) -> list[sa.Column[object]]:
    """The columns `<name>_at` and `<name>_by`, both empty until that is done."""
    return [sa.Column(f"{name}_at", sa.DateTime(timezone=True)), sa.Column(f"{name}_by", sa.Text)]


def stamp(name: str, *, index: bool = False) -> sa.Column[object]:
    """The column `<name>_at`: when something happened, by the clock of the database."""
    now, kind = sa.func.now(), sa.DateTime(timezone=True)
    return sa.Column(f"{name}_at", kind, nullable=False, server_default=now, index=index or None)


def stamps(name: str = "changed", *, index: bool = False) -> list[sa.Column[object]]:
    """The columns `<name>_at` and `<name>_by`: when and by whom a row was last written, or made."""
    return [stamp(name, index=index), sa.Column(f"{name}_by", sa.Text, nullable=False)]


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
        stamp("created"),
        *stamps(),
        *extra,
        sa.Index(None, "sort_key", "id"),
        sa.Index(None, "changed_at"),
        comment=comment,
    )
