"""What measures cost and save, summed up honestly: unknown amounts counted instead of summed,
overlapping savings once, those outside the BISKO balance apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from klima_measures.sheets.model.rows import CostRow
from klima_measures.sheets.model.sheet import Sheet
from klima_shared.codes.energy import Sector
from klima_shared.language.numbers import quantity
from klima_shared.language.text import Label, Text


@dataclass(frozen=True)
class Amount:
    """A sum of known amounts, and how many are not known. Without any known amount the sum is None,
    not 0."""

    known_eur: Decimal | None
    unknown: int

    @classmethod
    def of(cls, amounts: Iterable[Decimal | None]) -> "Amount":
        listed = list(amounts)
        known = [amount for amount in listed if amount is not None]
        return cls(sum(known, Decimal(0)) if known else None, len(listed) - len(known))


@dataclass(frozen=True)
class Effort:
    """Gesamtaufwand: what falls due once, and what falls due every year. The two are never
    added."""

    once: Amount
    yearly: Amount


def effort(rows: Iterable[CostRow]) -> Effort:
    listed = list(rows)
    return Effort(
        Amount.of(row.amount_eur for row in listed if not row.recurring),
        Amount.of(row.amount_eur for row in listed if row.recurring),
    )


def staff_days(sheet: Sheet) -> Decimal | None:
    """Sum of the staff days that are known; None where none is."""
    return Amount.of(row.days for row in sheet.staff).known_eur


def funded(sheet: Sheet) -> Amount:
    """Amounts of the funding rows, whatever their state."""
    return Amount.of(row.amount_eur for row in sheet.funding)


class Saving(NamedTuple):
    """One saving of one measure. `year` None: a year at full effect."""

    measure: str
    field: str
    year: int | None
    sector: str | None
    carrier: str | None
    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    overlap_group: str | None
    affects_bisko: bool
    example: bool = False


@dataclass
class Sum:
    final_energy_mwh: float | None = None
    emissions_t_co2e: float | None = None
    rows: int = 0
    not_counted: int = 0  # rows contained in another one of their overlap group
    measures: set[str] = field(default_factory=set)
    example: bool = False  # contains invented figures

    def add(self, saving: Saving) -> None:
        self.rows += 1
        self.example |= saving.example
        self.measures.add(saving.measure)
        for name in ("final_energy_mwh", "emissions_t_co2e"):
            value = getattr(saving, name)
            if value is not None:
                setattr(self, name, (getattr(self, name) or 0.0) + value)


def counted_once(savings: Iterable[Saving]) -> tuple[list[Saving], list[Saving]]:
    """(counted, left out): of an overlap group and year only the measure that saves most is
    counted.

    Measures of one group save the same tonnes; the largest contains the others. A tie goes to the
    first by name.
    """
    counted: list[Saving] = []
    groups: dict[tuple[str, int | None], dict[str, list[Saving]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for saving in savings:
        if saving.overlap_group is None:
            counted.append(saving)
        else:
            groups[saving.overlap_group, saving.year][saving.measure].append(saving)
    left_out: list[Saving] = []
    for members in groups.values():
        best = min(members, key=lambda name: (*_size(members[name]), name))
        for name, rows in members.items():
            (counted if name == best else left_out).extend(rows)
    return counted, left_out


def _size(rows: Sequence[Saving]) -> tuple[float, float]:
    """Smallest first is the largest saving."""
    return -sum(r.emissions_t_co2e or 0.0 for r in rows), -sum(
        r.final_energy_mwh or 0.0 for r in rows
    )


Dimension = Literal["year", "field", "sector", "carrier", "affects_bisko"]


Sums = dict[tuple[object, ...], Sum]


def sums(savings: Iterable[Saving], by: Sequence[Dimension]) -> Sums:
    """Sums by the dimensions `by`, in the order of first appearance."""
    counted, left_out = counted_once(savings)
    found: dict[tuple[object, ...], Sum] = defaultdict(Sum)
    for saving in counted:
        found[tuple(getattr(saving, name) for name in by)].add(saving)
    for saving in left_out:
        found[tuple(getattr(saving, name) for name in by)].not_counted += 1
    return dict(found)


def yearly_effect(sheet: Sheet) -> tuple[float | None, float | None]:
    """(MWh, t CO2e) of a year at full effect: the rows for it, else those of the year that saves
    most."""
    years: dict[int | None, list[tuple[float | None, float | None]]] = defaultdict(list)
    for row in sheet.savings:
        years[row.year].append((row.final_energy_mwh, row.emissions_t_co2e))
    if not years:
        return None, None
    rows = (
        years[None]
        if None in years
        else max(years.values(), key=lambda rows: sum(t or 0.0 for _, t in rows))
    )
    return _sum(mwh for mwh, _ in rows), _sum(t for _, t in rows)


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


CheckState = Literal["ok", "exceeds", "pending", "no_balance", "not_applicable"]


@dataclass(frozen=True)
class Check:
    """Saving of a sheet in one sector of one region beside what that sector emits there."""

    region: str
    sector: str
    saving_t_co2e: float
    emissions_t_co2e: float | None
    balance_year: int | None
    state: CheckState
    message: Text


def claims(sheet: Sheet) -> dict[Sector, float]:
    """Tonnes a year by sector that the sheet says the BISKO balance falls by; the largest of its
    years."""
    years: dict[tuple[Sector, int | None], float] = defaultdict(float)
    for row in sheet.savings:
        if row.sector is not None and row.affects_bisko and row.emissions_t_co2e is not None:
            years[row.sector, row.year] += row.emissions_t_co2e
    largest: dict[Sector, float] = {}
    for (sector, _), tonnes in years.items():
        largest[sector] = max(tonnes, largest.get(sector, tonnes))
    return largest


def check(
    region: str,
    sector: Sector,
    saving: float,
    emissions: Mapping[str, float] | None,
    year: int | None,
    *,
    name: str | None = None,
) -> Check:
    """Compare a saving with the sector's emissions (by sector code; None: there is no balance).
    `name`: the region's."""
    total = emissions.get(sector.value) if emissions is not None else None
    if total is None:
        text = Text("There is no balance for this region.")
        return Check(region, sector.value, saving, None, None, "no_balance", text)
    if saving > total:
        text = Text(
            'The saving ({saving}) exceeds all that the sector "{sector}" emits in {place} '
            "({total} in {year}).",
            saving=_tonnes(saving),
            sector=sector,
            place=name or region,
            total=_tonnes(total),
            year=year,
        )
        return Check(region, sector.value, saving, total, year, "exceeds", text)
    text = Text("The saving is below the sector's emissions.")
    return Check(region, sector.value, saving, total, year, "ok", text)


def pending_check(region: str, sector: Sector, saving: float) -> Check:
    """While nobody can tell what the sector emits."""
    text = Text(
        "The check against the balance is pending: the balance service can't be reached right now."
    )
    return Check(region, sector.value, saving, None, None, "pending", text)


def _tonnes(value: float) -> Label:
    return Label(quantity(value, "t CO2e", "de"), quantity(value, "t CO2e", "en"))
