"""The organisation ("Konzern"): who is inside its boundary in a year, and its own balance. Never
mixed with a territory.

A holding is inside while the share is above 50 %, from the year from which that share holds. The
administration itself always is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from klima_balance.engine.quality import WEIGHT
from klima_balance.method.factors import Factor, carrier_factor
from klima_balance.method.model import Method
from klima_shared.codes.lists import Labelled

MAJORITY: Final = Decimal(50)


class Area(Labelled):
    """What an organisation uses energy for."""

    BUILDINGS = "buildings", "Gebäude", "Buildings"
    FLEET = "fleet", "Fuhrpark", "Fleet"
    STREET_LIGHTING = "street_lighting", "Straßenbeleuchtung", "Street lighting"
    WATER = "water", "Wasser und Abwasser", "Water and waste water"
    INFRASTRUCTURE = "infrastructure", "Sonstige Infrastruktur", "Other infrastructure"


@dataclass(frozen=True)
class Share:
    """A share in percent that holds from a year on, until the next one."""

    from_year: int
    percent: Decimal


def share_in(shares: Sequence[Share], year: int) -> Decimal | None:
    """The share that holds in a year; None before the first one."""
    known = [s for s in shares if s.from_year <= year]
    return max(known, key=lambda s: s.from_year).percent if known else None


def is_inside(shares: Sequence[Share], year: int) -> bool:
    """Above 50 %: 50.0 is out, 50.1 is in."""
    share = share_in(shares, year)
    return share is not None and share > MAJORITY


@dataclass(frozen=True)
class Holding:
    id: str
    name: str
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Use:
    """One delivered quantity. `holding` None: of the administration itself."""

    holding: str | None
    area: str
    carrier: str
    quantity_mwh: float
    status: str
    grade: str
    source: str
    label: str


def balance(
    holdings: Sequence[Holding], uses: Sequence[Use], method: Method, factor_set: str, year: int
) -> dict[str, Any]:
    """Energy and emissions by area, carrier and unit of those inside; what is outside is named, in
    no sum."""
    inside = {h.id for h in holdings if is_inside(h.shares, year)}
    names = {h.id: h.name for h in holdings}
    rows, outside = [], []
    for use in sorted(
        uses, key=lambda u: (u.holding or "", u.area, u.carrier, u.label, u.quantity_mwh)
    ):
        if use.holding is not None and use.holding not in inside:
            outside.append(use)
            continue
        kind = "transport" if use.area == Area.FLEET else "stationary"
        rows.append((use, carrier_factor(method, factor_set, use.carrier, kind, year)))
    energy = math.fsum(use.quantity_mwh for use, _ in rows)
    return {
        "year": year,
        "boundary": [
            {
                "holding": h.id,
                "name": h.name,
                "inside": h.id in inside,
                "share_percent": _number(share_in(h.shares, year)),
            }
            for h in holdings
        ],
        "totals": {
            "final_energy_mwh": energy if rows else None,
            "emissions_t_co2e": math.fsum(_tonnes(*row) for row in rows) if rows else None,
        },
        "areas": _sums(rows, lambda use: use.area, "area"),
        "carriers": _sums(rows, lambda use: use.carrier, "carrier"),
        "units": [
            {**row, "name": names.get(row["holding"], "")}
            for row in _sums(rows, lambda use: use.holding or "", "holding")
        ],
        "rows": [_row(use, factor) for use, factor in rows],
        "outside": [
            {
                "holding": use.holding,
                "name": names.get(use.holding or "", ""),
                "area": use.area,
                "carrier": use.carrier,
                "final_energy_mwh": use.quantity_mwh,
            }
            for use in outside
        ],
        "data_quality": math.fsum(WEIGHT[u.grade] * u.quantity_mwh for u, _ in rows) / energy
        if energy > 0
        else None,
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _tonnes(use: Use, factor: Factor) -> float:
    return use.quantity_mwh * factor.t_per_unit


def _sums(rows: Sequence[tuple[Use, Factor]], of: Any, name: str) -> list[dict[str, Any]]:
    found: dict[str, list[tuple[Use, Factor]]] = {}
    for row in rows:
        found.setdefault(of(row[0]), []).append(row)
    return [
        {
            name: key,
            "final_energy_mwh": math.fsum(use.quantity_mwh for use, _ in group),
            "emissions_t_co2e": math.fsum(_tonnes(*row) for row in group),
        }
        for key, group in sorted(found.items())
    ]


def _row(use: Use, factor: Factor) -> dict[str, Any]:
    shown = {
        name: getattr(factor, name)
        for name in ("value", "unit", "source", "certainty", "year", "carried", "set")
    }
    return {
        "holding": use.holding,
        "area": use.area,
        "carrier": use.carrier,
        "label": use.label,
        "quantity": use.quantity_mwh,
        "unit": "MWh",
        "status": use.status,
        "grade": use.grade,
        "source": use.source,
        "factor": shown,
        "emissions_t_co2e": _tonnes(use, factor),
    }


def per_area(uses: Sequence[Mapping[str, Any]], area_m2: float | None) -> dict[str, float]:
    """KWh per m2 and year of a building, by carrier; nothing where the area is not known."""
    found: dict[str, float] = {}
    for use in uses:
        found[use["carrier"]] = found.get(use["carrier"], 0.0) + use["quantity_mwh"] * 1000.0
    return {carrier: kwh / area_m2 for carrier, kwh in sorted(found.items())} if area_m2 else {}
