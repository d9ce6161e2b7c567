"""What a computation reads: official figures and local activities of some regions, as frames for
the engine."""

from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import numpy as np
import pandas as pd
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.engine.figures import Figure
from klima_balance.engine.territory import heirs, on_territory
from klima_balance.factors import queries as factors
from klima_balance.figures.queries import activities
from klima_balance.heat import queries as heat
from klima_balance.heat.model import Network
from klima_balance.method.model import FACTOR_COLUMNS, Method
from klima_balance.regions import queries as regions
from klima_balance.territory import queries as territory
from klima_shared.codes.regions import state_of
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text


@dataclass(frozen=True)
class Inputs:
    """`statistics`: long rows of the regions and of their states. `figures`: the local ones of the
    year.

    `networks`: the district heat networks of the year; their factor depends on the factor set.
    """

    statistics: pd.DataFrame
    figures: Sequence[Figure]
    networks: Sequence[Network] = ()


async def load_inputs(
    connection: AsyncConnection, year: int, leaves: Sequence[str] | None
) -> Inputs:
    """Inputs of some leaf regions (None: of all), official figures on their territory of the
    year."""
    changes = await territory.successions(connection)
    wanted = None
    if leaves is not None:
        theirs = heirs(changes, year).items()
        merged = {old for old, new in theirs if not new.keys().isdisjoint(leaves)}
        wanted = sorted({*leaves, *(state_of(ags) for ags in leaves), *merged})
    rows = await regions.statistic_rows(connection, wanted)
    table = pd.DataFrame(rows, columns=regions.STATISTIC_COLUMNS)
    return Inputs(
        await anyio.to_thread.run_sync(on_territory, table, year, changes),
        await activities.of_year(connection, year, leaves),
        await heat.of_year(connection, year, leaves),
    )


async def method_with(
    connection: AsyncConnection, method: Method, factor_set: str, pointer: str = "/body/factor_set"
) -> Method:
    """The method with the wanted factor set in it. 422 when there is none.

    A shipped set is the program's own: its rows have the digest they were released with.
    """
    row = await factors.find(connection, factor_set)
    if row is None:
        raise invalid_at(
            pointer, Text("There is no factor set “{factor_set}”.", factor_set=factor_set)
        )
    if factor_set in set(method.factor_sets["id"]):
        return method
    if row.base:
        method = await method_with(connection, method, row.base, pointer)
    rows = await factors.rows(connection, factor_set)
    frame = pd.DataFrame([vars(row) for row in rows], columns=list(FACTOR_COLUMNS))
    frame["year"] = frame["year"].astype("float")
    frame["note"] = frame["note"].replace({None: np.nan})
    header = {
        "id": factor_set,
        "version": row.version,
        "kind": row.kind,
        "title_de": row.title,
        "title_en": row.title,
        "state": row.state,
        "gwp_set": row.gwp_set or "as_published",
        "includes_upstream": "yes",
        "publisher": row.source,
        "licence": row.licence or "",
        "note": row.note or "",
        "base": row.base or "",
    }
    return method.with_factor_set(header, frame)
