"""The form of a region and year, with the figures that hold so far beside the empty cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.queries import balances
from klima_balance.figures.rules import Vocabulary
from klima_balance.imports.files.template import template
from klima_balance.imports.rules import form_rows
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_shared.http.problems import invalid_at, not_found
from klima_shared.language.text import Text

MOST = 60  # municipalities in one form


async def form(read: AsyncConnection, method: Method, ags: str, year: int) -> bytes:
    """The Excel form of a municipality, or of all municipalities of a county. 404, and 422 for more
    than that."""
    region = await regions.find(read, ags)
    if region is None:
        raise not_found(Text("There is no region with the key {ags}.", ags=ags))
    leaves = await regions.leaves(read, ags)
    if len(leaves) > MOST:
        raise invalid_at("/path/ags", Text("The form is made for a municipality or a county."))
    names = await regions.names(read)
    documents = await balances.newest_documents(read, leaves, year)
    defaults: dict[tuple[str, str, str], float] = {}
    for row in documents:
        defaults |= _cells(row.region, orjson.loads(row.document))
    chosen = [(leaf, names[leaf][0]) for leaf in leaves]
    return await anyio.to_thread.run_sync(
        lambda: template(chosen, year, list(form_rows(Vocabulary(method))), defaults)
    )


def _cells(ags: str, document: Mapping[str, Any]) -> dict[tuple[str, str, str], float]:
    return {(ags, c["sector"], c["carrier"]): c["final_energy_mwh"] for c in document["cells"]}
