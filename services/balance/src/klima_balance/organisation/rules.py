"""The organisation ("Konzern"): who is inside its boundary in a year, and its own balance. Never
mixed with a territory.

A holding is inside while the share is above 50 %, from the year from which that share holds. The
administration itself always is.
"""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from klima_balance.engine.quality import WEIGHT
from klima_balance.method.factors import Factor, carrier_factor
from klima_balance.method.model import Method
from klima_balance.organisation.model import Area, Company, PlacedUse, Share, Use
from klima_shared.wire.json import JsonObject

MAJORITY: Final = Decimal(50)
Figure = tuple[PlacedUse, Factor]


def share_in(shares: Sequence[Share], year: int) -> Decimal | None:
    """The share that holds in a year; None before the first one."""
    known = [s for s in shares if s.from_year <= year]
    return max(known, key=lambda s: s.from_year).share_percent if known else None


def is_inside(shares: Sequence[Share], year: int) -> bool:
    """Above 50 %: 50.0 is out, 50.1 is in."""
    share = share_in(shares, year)
    return share is not None and share > MAJORITY


def balance(
    companies: Sequence[Company],
    uses: Sequence[PlacedUse],
    method: Method,
    factor_set: str,
    year: int,
) -> JsonObject:
    """Energy and emissions by area, carrier and unit of those inside; what is outside is named, in
    no sum."""
    names = {c.holding.id: c.holding.name for c in companies}
    inside = {c.holding.id for c in companies if is_inside(c.shares, year)}
    rows: list[Figure] = []
    outside: list[PlacedUse] = []
    for use in sorted(uses, key=_order):
        if use.holding_id is not None and use.holding_id not in inside:
            outside.append(use)
            continue
        kind = "transport" if use.area == Area.FLEET else "stationary"
        rows.append((use, carrier_factor(method, factor_set, use.carrier, kind, year)))
    totals = _totals(rows)
    energy = totals["final_energy_mwh"]
    weighted = math.fsum(WEIGHT[use.grade] * use.quantity_mwh for use, _ in rows)
    return {
        "year": year,
        "boundary": [_boundary(company, year) for company in companies],
        "totals": totals if rows else dict.fromkeys(totals),
        "areas": _sums(rows, lambda use: use.area, "area"),
        "carriers": _sums(rows, lambda use: use.carrier, "carrier"),
        "units": [
            {**row, "name": names.get(UUID(row["holding"]), "") if row["holding"] else ""}
            for row in _sums(rows, lambda use: _key(use.holding_id), "holding")
        ],
        "rows": [_row(use, factor) for use, factor in rows],
        "outside": [
            {
                "holding": _key(use.holding_id),
                "name": names.get(use.holding_id, "") if use.holding_id else "",
                "area": use.area,
                "carrier": use.carrier,
                "final_energy_mwh": use.quantity_mwh,
            }
            for use in outside
        ],
        "data_quality": weighted / energy if energy > 0 else None,
    }


def _key(holding: UUID | None) -> str:
    return "" if holding is None else str(holding)


def _order(use: PlacedUse) -> tuple[str, str, str, str, float]:
    return _key(use.holding_id), use.area, use.carrier, use.label, use.quantity_mwh


def _boundary(company: Company, year: int) -> JsonObject:
    share = share_in(company.shares, year)
    return {
        "holding": str(company.holding.id),
        "name": company.holding.name,
        "inside": is_inside(company.shares, year),
        "share_percent": None if share is None else float(share),
    }


def _tonnes(use: Use, factor: Factor) -> float:
    return use.quantity_mwh * factor.t_per_unit


def _totals(rows: Sequence[Figure]) -> dict[str, float]:
    return {
        "final_energy_mwh": math.fsum(use.quantity_mwh for use, _ in rows),
        "emissions_t_co2e": math.fsum(_tonnes(*row) for row in rows),
    }


def _sums(rows: Sequence[Figure], of: Callable[[PlacedUse], str], name: str) -> list[JsonObject]:
    groups: dict[str, list[Figure]] = {}
    for row in rows:
        groups.setdefault(of(row[0]), []).append(row)
    return [{name: key, **_totals(group)} for key, group in sorted(groups.items())]


_FACTOR: Final = ("value", "unit", "source", "certainty", "year", "carried", "set")


def _row(use: PlacedUse, factor: Factor) -> JsonObject:
    return {
        "holding": None if use.holding_id is None else str(use.holding_id),
        "area": use.area,
        "carrier": use.carrier,
        "label": use.label,
        "quantity": use.quantity_mwh,
        "unit": "MWh",
        "status": use.status,
        "grade": use.grade,
        "source": use.source,
        "factor": {name: getattr(factor, name) for name in _FACTOR},
        "emissions_t_co2e": _tonnes(use, factor),
    }


def consumption(uses: Sequence[Use]) -> dict[str, float]:
    """MWh by carrier."""
    total: dict[str, float] = {}
    for use in uses:
        total[use.carrier] = total.get(use.carrier, 0.0) + use.quantity_mwh
    return total


def per_area(uses: Sequence[Use], area_m2: float | None) -> dict[str, float]:
    """KWh per m2 and year of a building, by carrier; nothing where the area is not known."""
    total: dict[str, float] = {}
    for use in uses:
        total[use.carrier] = total.get(use.carrier, 0.0) + use.quantity_mwh * 1000.0
    return {carrier: kwh / area_m2 for carrier, kwh in sorted(total.items())} if area_m2 else {}
