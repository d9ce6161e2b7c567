"""Which rows somebody may see: the published ones, and everything of the regions whose drafts he
may read."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Column, ColumnElement, Table, and_, false, func, or_, select, true

from klima_shared.codes.access import Role
from klima_shared.codes.regions import GERMANY, RegionKind, key_prefix, level, parent
from klima_shared.http.auth import Principal


def draft_regions(principal: Principal) -> tuple[str, ...]:
    """The regions whose unpublished things the caller may read (in them, too); none for the
    public."""
    if principal.may(Role.SERVICE):
        return (GERMANY,)
    return principal.regions if principal.may(Role.VIEWER) else ()


def lies_in(
    column: Column[object] | ColumnElement[str], regions: Iterable[str]
) -> ColumnElement[bool]:
    """Whether the region in `column` lies in one of these: `codes.regions.covers` in SQL."""
    prefixes = {key_prefix(region) for region in regions}
    if "" in prefixes:
        return true()
    return or_(false(), *(func.starts_with(column, prefix) for prefix in sorted(prefixes)))


def visible(table: Table, regions: Sequence[str]) -> ColumnElement[bool]:
    """Of a table of records: what is published, and out by now where it has a time to come out at;
    and everything in these regions."""
    public: ColumnElement[bool] = table.c.published
    if "published_at" in table.c:
        public = and_(public, table.c.published_at <= func.now())
    return or_(public, lies_in(table.c.region, regions))


def in_region(table: Table, region: str) -> ColumnElement[bool]:
    """Of a region or of one in it; where a record has several, any of them, and those of the whole
    county."""
    mine = lies_in(table.c.region, [region])
    if "regions" not in table.c:
        return mine
    one = func.unnest(table.c.regions).column_valued("one")
    county = parent(region) if level(region) is RegionKind.MUNICIPALITY else region
    return or_(mine, select(one).where(or_(lies_in(one, [region]), one == county)).exists())
