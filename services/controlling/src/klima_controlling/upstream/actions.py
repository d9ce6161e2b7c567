"""What is known of a region right now, gathered from the two other services side by side."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from klima_controlling.context import Frame
from klima_controlling.formulas.inputs import Inputs, from_balance, from_measures
from klima_controlling.formulas.rules import evaluate
from klima_controlling.targets.model import Target
from klima_controlling.targets.rules import Point
from klima_controlling.upstream.source import Fetched, SourceDownError, oldest
from klima_shared.http.problems import Problem, not_found, unavailable
from klima_shared.language.text import Text
from klima_shared.service.concurrency import together

T = TypeVar("T")
Document = Mapping[str, Any]


@dataclass(frozen=True)
class RegionState:
    """A region, its balances in ascending years, its measures. `down`: services that never
    answered."""

    ags: str
    region: Document
    balances: Sequence[Document]
    measures: Sequence[Document]
    stale: Mapping[str, datetime] = field(default_factory=dict)
    down: frozenset[str] = frozenset()

    @property
    def stale_since(self) -> datetime | None:
        return min(self.stale.values(), default=None)

    @property
    def latest(self) -> Document | None:
        return self.balances[-1] if self.balances else None

    def inputs(self, document: Document) -> Inputs:
        found = from_balance(document, self.region)
        return found if "measures" in self.down else found | from_measures(self.measures)

    def series(self, metric: str) -> list[Point]:
        """The known values of a target's metric over the years."""
        found = []
        for document in self.balances:
            value = evaluate(metric, from_balance(document, self.region)).value
            if value is not None:
                found.append(Point(document["year"], value))
        return found


async def optional(call: Coroutine[Any, Any, T]) -> T | SourceDownError:
    """The answer, or the error that says the service can't be asked and left no copy."""
    try:
        return await call
    except SourceDownError as error:
        return error


def no_region(ags: str) -> Problem:
    return not_found(
        Text(
            f"Es gibt keine Gebietseinheit mit dem Schlüssel {ags}.",
            f"There is no region with the key {ags}.",
        )
    )


async def region_state(frame: Frame, ags: str, *, with_measures: bool = True) -> RegionState:
    """404 for a region nobody has, 503 when the balance service never answered for it. Nothing else
    fails."""

    async def nothing() -> Fetched | None:
        return None

    region, versions, measures = await together(
        optional(frame.balance.region(ags)),
        optional(frame.balance.versions(ags)),
        optional(frame.measures.of_region(ags) if with_measures else nothing()),
    )
    if isinstance(region, SourceDownError):
        raise unavailable(
            Text(
                "Der Bilanzdienst antwortet nicht, und zu diesem Gebiet gibt es noch keine Kopie.",
                "The balance service does not answer, and there is no copy of this region yet.",
            )
        )
    if region is None:
        raise no_region(ags)
    down = {
        name
        for name, part in (("balance", versions), ("measures", measures))
        if isinstance(part, SourceDownError)
    }
    known = versions if isinstance(versions, Fetched) else None
    calls = [
        optional(frame.balance.balance(ags, y, v)) for y, v in (known.data if known else {}).items()
    ]
    documents = [
        d for d in await together(*calls) if d is not None and not isinstance(d, SourceDownError)
    ]
    if len(documents) < len(calls):
        down.add("balance")
    stale = {}
    if (since := oldest([region, known])) is not None:
        stale["balance"] = since
    items = measures if isinstance(measures, Fetched) else None
    if items is not None and items.stale_since is not None:
        stale["measures"] = items.stale_since
    return RegionState(
        ags,
        region.data,
        sorted(documents, key=lambda d: int(d["year"])),
        items.data if items else [],
        stale,
        frozenset(down),
    )


def series_of_comparisons(documents: Sequence[Document], ags: str) -> list[Point]:
    """Emissions of one region out of several comparisons (one per year)."""
    found = []
    for document in documents:
        for item in document["items"]:
            if item["region"]["ags"] == ags and item["value"] is not None:
                found.append(Point(document["year"], item["value"]))
    return found


def own_before_inherited(targets: Sequence[Target], ags: str) -> list[Target]:
    """A municipality's own targets first; the county's stay visible beside them, never in their
    place."""
    return sorted(
        targets, key=lambda t: (t.key != ags, t.boundary.value != "territory", t.year, t.code)
    )
