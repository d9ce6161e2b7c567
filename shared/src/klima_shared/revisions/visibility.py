"""Which rows somebody may see: the published ones, and everything of the regions whose drafts he
may read."""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Table, and_, false, func, or_, select

from klima_shared.codes.access import Role
from klima_shared.codes.regions import RegionKind, canonical_ags, level
from klima_shared.http.auth import Principal


def prefix_of(region: str) -> str:
    """What the keys of all regions in `region` begin with."""
    key = canonical_ags(region)
    return {RegionKind.COUNTRY: "", RegionKind.STATE: key[:2], RegionKind.COUNTY: key[:5]}.get(
        level(key), key
    )


def draft_prefixes(principal: Principal) -> tuple[str, ...]:
    """Prefixes of the regions whose unpublished things the caller may read; empty for the
    public."""
    if principal.may(Role.SERVICE):
        return ("",)
    return tuple(map(prefix_of, principal.regions)) if principal.may(Role.VIEWER) else ()


def within(
    column: Column[object] | ColumnElement[str], prefixes: Sequence[str]
) -> ColumnElement[bool]:
    """Whether the region in `column` lies in one of these."""
    return or_(false(), *(func.starts_with(column, prefix) for prefix in prefixes))


def visible(table: Table, prefixes: Sequence[str]) -> ColumnElement[bool]:
    """Of a table of records: what is published, and out by now where it has a time to come out at;
    and everything of the regions with these prefixes."""
    public: ColumnElement[bool] = table.c.published
    if "published_at" in table.c:
        public = and_(public, table.c.published_at <= func.now())
    return or_(public, within(table.c.region, prefixes))


def in_region(table: Table, region: str) -> ColumnElement[bool]:
    """Of a region or of one in it; where a record has several, any of them, and those of the whole
    county."""
    prefix = prefix_of(region)
    mine: ColumnElement[bool] = func.starts_with(table.c.region, prefix)
    if "regions" not in table.c:
        return mine
    one = func.unnest(table.c.regions).column_valued("one")
    county = prefix[:5] + "000" if len(prefix) == 8 else prefix
    return or_(mine, select(one).where(or_(func.starts_with(one, prefix), one == county)).exists())
