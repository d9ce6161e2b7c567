"""Balances of regions that merged as one of the region they became: what a series shows for the
years before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from klima_shared.wire.json import Json, JsonObject

_ESTIMATED: Final = "estimated"


@dataclass(frozen=True)
class Part:
    """A balance that is a share of the balance of a later region."""

    document: Json
    share: float


def rebased(parts: Sequence[Part]) -> JsonObject:
    """One document out of several of one year: totals, sectors, carriers and cells as sums of the
    shares. What one of them does not know is not known. `meta` and the factor set are of the
    first."""
    first = parts[0].document
    documents = [part.document for part in parts]
    return {
        **{name: first[name] for name in ("year", "factor_set", "meta")},
        "provisional": any(d.get("provisional", False) for d in documents),
        "totals": {
            name: _sum(
                [
                    (d["totals"].get(name), part.share)
                    for d, part in zip(documents, parts, strict=True)
                ]
            )
            for name in first["totals"]
            if not name.endswith(("_per_inhabitant", "_coverage"))
        },
        "sectors": _rows(parts, "sectors", ("sector",)),
        "carriers": _rows(parts, "carriers", ("carrier",)),
        "cells": _rows(parts, "cells", ("sector", "carrier")),
    }


def _sum(values: Sequence[tuple[float | None, float]]) -> float | None:
    known = [value * share for value, share in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _rows(parts: Sequence[Part], name: str, key: tuple[str, ...]) -> list[JsonObject]:
    """Rows with the same key added up; a cell that is a default in one is one in the sum."""
    found: dict[tuple[str, ...], JsonObject] = {}
    for part in parts:
        for row in part.document[name]:
            at = tuple(str(row[field]) for field in key)
            total = found.setdefault(at, {**row, "final_energy_mwh": 0.0, "emissions_t_co2e": 0.0})
            for field in ("final_energy_mwh", "emissions_t_co2e"):
                total[field] += row[field] * part.share
            if row.get("status") == _ESTIMATED:
                total["status"] = _ESTIMATED
    return list(found.values())


@dataclass(frozen=True)
class Predecessor:
    """A region whose territory (or `share` of it) became that of another; it had balances from
    `since` (None: always) to `until`."""

    region: str
    since: int | None
    until: int
    share: float

    def existed(self, year: int) -> bool:
        return (self.since is None or self.since <= year) and year <= self.until


@dataclass(frozen=True)
class Series:
    """Documents by year, which of them are sums of predecessors, and the years that can't be
    made, with the regions whose balance they lack."""

    documents: list[JsonObject]
    rebased: frozenset[int]
    incomplete: dict[int, list[str]]


def series_of(
    ags: str,
    begins: int | None,
    predecessors: Sequence[Predecessor],
    documents: Mapping[tuple[str, int], JsonObject],
) -> Series:
    """The series of a region on its territory of today. begins: the first year of the region itself
    (None: always). documents: by region and year, of it and of its predecessors."""
    result, sums, incomplete = [], set(), {}
    for year in sorted({year for _, year in documents}):
        then = [one for one in predecessors if one.existed(year)]
        shares = {one.region: one.share for one in then}
        if begins is None or begins <= year:
            shares = {ags: 1.0} | shares
        missing = sorted(region for region in shares if (region, year) not in documents)
        if missing or not shares:
            if any((region, year) in documents for region in shares):
                incomplete[year] = missing
            continue
        if not then:
            result.append(documents[ags, year])
            continue
        sums.add(year)
        parts = [Part(documents[region, year], share) for region, share in shares.items()]
        result.append(rebased(parts))
    return Series(result, frozenset(sums), incomplete)
