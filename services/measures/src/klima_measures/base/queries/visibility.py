"""Which rows somebody may see: the published ones, and everything of the regions he may read drafts
of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_

from klima_shared.codes.fields import canonical_ags, level
from klima_shared.codes.lists import RegionKind, Role
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
    return (
        tuple(prefix_of(region) for region in principal.regions)
        if principal.may(Role.VIEWER)
        else ()
    )


def within(column: Any, prefixes: Sequence[str]) -> ColumnElement[bool]:
    """Whether the region in `column` lies in one of these."""
    return or_(false(), *(func.starts_with(column, prefix) for prefix in prefixes))
