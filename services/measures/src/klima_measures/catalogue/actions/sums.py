"""What all measures together cost and save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from klima_measures.catalogue.queries import sums
from klima_measures.catalogue.queries.listing import Filters, Reader
from klima_measures.sheets.rules.savings import Saving, Sum
from klima_measures.sheets.rules.savings import sums as summed
from klima_shared.database.connections import ReadConnection


@dataclass(frozen=True)
class Costs:
    rows: Sequence[Any]
    measures: int
    without: int

    @property
    def example(self) -> bool:
        return any(row["example"] for row in self.rows)


@dataclass(frozen=True)
class Savings:
    """`by`: (year, field, sector, carrier, affects_bisko) -> sum; `totals`: (year, affects_bisko)
    -> sum."""

    by: dict[tuple[Any, ...], Sum]
    totals: dict[tuple[Any, ...], Sum]
    measures: int
    without: int
    example: bool


async def costs(connection: ReadConnection, filters: Filters, reader: Reader) -> Costs:
    rows = await sums.costs(connection, filters, reader)
    measures, without = await sums.without(connection, filters, reader, "costs")
    return Costs(rows, measures, without)


async def savings(connection: ReadConnection, filters: Filters, reader: Reader) -> Savings:
    rows = await sums.savings(connection, filters, reader)
    measures, without = await sums.without(connection, filters, reader, "savings")

    def add_up() -> tuple[dict[tuple[Any, ...], Sum], dict[tuple[Any, ...], Sum]]:
        found = [
            Saving(
                measure=f"{row['concept']} {row['measure']}",
                **{
                    n: row[n]
                    for n in (
                        "field",
                        "year",
                        "sector",
                        "carrier",
                        "final_energy_mwh",
                        "emissions_t_co2e",
                        "overlap_group",
                        "affects_bisko",
                        "example",
                    )
                },
            )
            for row in rows
        ]
        by = summed(found, ("year", "field", "sector", "carrier", "affects_bisko"))
        return by, summed(found, ("year", "affects_bisko"))

    by, totals = await anyio.to_thread.run_sync(add_up)
    return Savings(by, totals, measures, without, any(row["example"] for row in rows))
