"""A saving beside the emissions of the sector it is claimed in: asked of the balance service, never
waited for long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import anyio

from klima_measures.base.actions.context import Frame
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.rules.savings import Check, check, claims
from klima_measures.upstream.balance import BalancePending
from klima_shared.codes.lists import Sector
from klima_shared.language.text import Text

PATIENCE_SECONDS = 2.5


async def of(frame: Frame, sheet: Sheet, names: Mapping[str, str]) -> Sequence[Check]:
    """One check per sector the sheet claims a saving in; the region is the one municipality, else
    the county.

    `names` are those of regions. While the balance service can't be asked the checks are `pending`;
    the sheet is shown all the same.
    """
    claimed = claims(sheet)
    if not claimed:
        return ()
    region = sheet.regions[0] if len(sheet.regions) == 1 else frame.county
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            found = await frame.balance.emissions(region)
    except (BalancePending, TimeoutError):
        return [_pending(region, sector, saving) for sector, saving in claimed.items()]
    emissions, year = (found.by_sector, found.year) if found else (None, None)
    name = names.get(region)
    return [
        check(region, sector, saving, emissions, year, name) for sector, saving in claimed.items()
    ]


def _pending(region: str, sector: Sector, saving: float) -> Check:
    text = Text(
        "The check against the balance is pending: the balance service can't be reached right now."
    )
    return Check(region, sector.value, saving, None, None, "pending", text)
