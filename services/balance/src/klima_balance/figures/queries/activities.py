"""Queries on local figures, with every revision kept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, Table, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.engine.figures import Figure
from klima_balance.figures.tables import activity, activity_history
from klima_shared.wire.json import JsonObject

_PLACE: Final = ("region", "year", "key")
_FIGURE: Final = tuple(field.name for field in fields(Figure))


@dataclass(frozen=True)
class StoredFigure:
    """A figure as it stands, with its revision."""

    figure: Figure
    revision: int
    changed_at: datetime
    changed_by: str

    @property
    def year(self) -> int:
        return self.figure.year

    @property
    def key(self) -> str:
        return self.figure.key

    def as_row(self) -> JsonObject:
        """All of it by the names of the columns."""
        stamps = {name: getattr(self, name) for name in ("revision", "changed_at", "changed_by")}
        return asdict(self.figure) | {"key": self.figure.key} | stamps


class FigureRevision(NamedTuple):
    """What a figure was, from when and by whom."""

    revision: int
    deleted: bool
    content: JsonObject
    changed_at: datetime
    changed_by: str


def _stored(row: Row[Any]) -> StoredFigure:
    values = row._mapping
    return StoredFigure(
        Figure(**{name: values[name] for name in _FIGURE}),
        values["revision"],
        values["changed_at"],
        values["changed_by"],
    )


def _at(table: Table, region: str, year: int, key: str) -> ColumnElement[bool]:
    return (table.c.region == region) & (table.c.year == year) & (table.c.key == key)


async def find(
    connection: AsyncConnection, region: str, year: int, key: str, *, lock: bool = False
) -> StoredFigure | None:
    query = select(activity).where(_at(activity, region, year, key))
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return _stored(row) if row else None


async def listing(
    connection: AsyncConnection,
    region: str,
    *,
    limit: int,
    year: int | None = None,
    after: Sequence[Any] | None = None,
    modified_since: datetime | None = None,
) -> list[StoredFigure]:
    """Figures of a region by year and key, after the pair `after`."""
    t = activity.c
    query = select(activity).where(t.region == region).order_by(t.year, t.key).limit(limit)
    if year is not None:
        query = query.where(t.year == year)
    if after:
        query = query.where((t.year > after[0]) | ((t.year == after[0]) & (t.key > after[1])))
    if modified_since:
        query = query.where(t.changed_at >= modified_since)
    return [_stored(row) for row in await connection.execute(query)]


async def of_year(
    connection: AsyncConnection, year: int, regions: Sequence[str] | None
) -> list[Figure]:
    """All figures of a year that enter the balances of `regions` (None: of all)."""
    query: Select[Any] = select(*(activity.c[name] for name in _FIGURE))
    query = query.where(activity.c.year == year).order_by(activity.c.region, activity.c.key)
    if regions is not None:
        query = query.where(activity.c.region.in_(regions))
    return [Figure(*row) for row in await connection.execute(query)]


async def history(
    connection: AsyncConnection, region: str, year: int, key: str
) -> list[FigureRevision]:
    """Every revision, the deleting one included, oldest first."""
    columns = (activity_history.c[name] for name in FigureRevision._fields)
    query = select(*columns).where(_at(activity_history, region, year, key))
    rows = await connection.execute(query.order_by(activity_history.c.revision))
    return [FigureRevision(*row) for row in rows]


async def put(connection: AsyncConnection, figure: Figure, by: str) -> StoredFigure:
    """Store a figure as the current one and in the history. A revision number is never used again,
    not even after a deletion."""
    place = (figure.region, figure.year, figure.key)
    newest = select(func.max(activity_history.c.revision)).where(_at(activity_history, *place))
    revision = ((await connection.execute(newest)).scalar() or 0) + 1
    row = asdict(figure) | {"key": figure.key, "revision": revision, "changed_by": by}
    new = upsert(activity).values(**row)
    changed = {name: new.excluded[name] for name in row if name not in _PLACE}
    statement = new.on_conflict_do_update(
        index_elements=list(_PLACE), set_=changed | {"changed_at": func.now()}
    )
    stored = _stored((await connection.execute(statement.returning(activity))).one())
    await _keep_revision(connection, figure, revision, by, deleted=False)
    return stored


async def remove(connection: AsyncConnection, stored: StoredFigure, by: str) -> None:
    figure = stored.figure
    place = _at(activity, figure.region, figure.year, figure.key)
    await connection.execute(delete(activity).where(place))
    await _keep_revision(connection, figure, stored.revision + 1, by, deleted=True)


async def _keep_revision(
    connection: AsyncConnection, figure: Figure, revision: int, by: str, *, deleted: bool
) -> None:
    content = {k: v for k, v in asdict(figure).items() if k not in _PLACE}
    values = {"region": figure.region, "year": figure.year, "key": figure.key}
    values |= {"revision": revision, "changed_by": by, "deleted": deleted, "content": content}
    await connection.execute(insert(activity_history).values(**values))
