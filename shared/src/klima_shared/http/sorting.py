"""`?sort=` of lists: by what, and from which end. The order ends with what makes a row unique, so
that a cursor has one place."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query, params
from sqlalchemy import ColumnElement, Select, tuple_

from klima_shared.http.paging import SortKey
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text


class Order(NamedTuple):
    """By what a list is sorted, and whether from its end."""

    name: str
    descending: bool = False

    def apply(
        self,
        query: Select[Any],
        columns: Sequence[ColumnElement[Any]],
        after: SortKey | None,
        limit: int,
    ) -> Select[Any]:
        """The page of a query that begins after a key; all `columns` in one direction."""
        if after is not None:
            place = tuple_(*columns)
            query = query.where(
                place < tuple_(*after) if self.descending else place > tuple_(*after)
            )
        return query.order_by(*(c.desc() if self.descending else c for c in columns)).limit(limit)


def sorting(default: str, names: Mapping[str, str]) -> params.Depends:
    """The dependency of a list that can be sorted.

    names: each order with what it goes by. default: one of them, with - before it from its end.
    """
    possible = ", ".join(names)
    meaning = "; ".join(f"{name}: {text}" for name, text in names.items())
    allowed = [sign + name for name in names for sign in ("", "-")]

    async def order(
        sort: Annotated[
            str,
            Query(
                description=f"{meaning}. With - before it from its end",
                json_schema_extra={"enum": list(allowed)},
            ),
        ] = default,
    ) -> Order:
        name = sort.removeprefix("-")
        if name not in names or sort not in allowed:
            text = Text("Possible are: {order_names}.", order_names=possible)
            raise invalid_at("/query/sort", text)
        return Order(name, sort.startswith("-"))

    return Depends(order)  # type: ignore[no-any-return]
