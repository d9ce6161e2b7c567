"""The balance service's built-in scenarios of a region: shown where they are at hand, never waited
for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from klima_controlling.context import Frame
from klima_controlling.upstream.rules import Projection, ScenarioKind, projection_of, years_between
from klima_shared.service.concurrency import together


async def projections(
    frame: Frame, ags: str, latest: Mapping[str, Any] | None
) -> Sequence[Projection]:
    """Those that begin with the region's newest balance: a picture never joins two versions of one
    year."""
    if latest is None:
        return []

    async def one(kind: ScenarioKind) -> Projection | None:
        head = await frame.balance.scenario(ags, kind)
        if head is None or (head["base_year"], head["version"]) != (
            latest["year"],
            latest["version"],
        ):
            return None
        document = await frame.balance.scenario_bands(
            head["id"], years_between(head["base_year"], head["horizon"])
        )
        return projection_of(kind, document) if document else None

    found = await together(*map(one, ScenarioKind))
    return [projection for projection in found if projection is not None]
