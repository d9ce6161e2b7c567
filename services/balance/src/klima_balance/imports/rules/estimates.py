"""What a delivered figure says of the other years of its cell: the default of the method times the
ratio of the delivered figure to the default of its year. An offer; accepted, it is a figure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from klima_balance.engine.figures import RENEWABLES, STATISTICS, Figure
from klima_shared.codes.quality import ActivityStatus, Grade
from klima_shared.language.numbers import NARROW_SPACE, exact, number

GRADE: Final = Grade.C
"""Better than a national figure, for it knows the place; no figure of that year."""
_SOURCE: Final = "Bundeswert {year} x {ratio} (Verhältnis {base}: geliefert / Bundeswert; {source})"
_NOTE: Final = "{default} MWh x {delivered} MWh / {before} MWh"

Defaults = Mapping[int, Mapping[tuple[str, str], float]]
"""MWh of the method's default by year and cell."""


@dataclass(frozen=True)
class Offer:
    """An estimate for a year of a cell, with everything it is made of."""

    key: str
    sector: str
    carrier: str
    year: int
    from_year: int
    delivered_mwh: float
    default_of_from_year_mwh: float
    default_mwh: float
    source: str

    @property
    def ratio(self) -> float:
        return self.delivered_mwh / self.default_of_from_year_mwh

    @property
    def quantity_mwh(self) -> float:
        return self.default_mwh * self.ratio

    def content(self) -> dict[str, object]:
        """The figure that accepting it stores: labelled as an estimate, its source names the
        ratio."""
        source = _SOURCE.format(
            year=self.year, ratio=number(self.ratio, "de"), base=self.from_year, source=self.source
        )
        note = _NOTE.format(
            default=exact(self.default_mwh),
            delivered=exact(self.delivered_mwh),
            before=exact(self.default_of_from_year_mwh),
        ).replace(NARROW_SPACE, " ")
        return {
            "quantity": self.quantity_mwh,
            "unit": "MWh",
            "status": ActivityStatus.ESTIMATED.value,
            "grade": GRADE.value,
            "source": source[:500],
            "note": note,
            "contained_in_ghd": True,
        }


def offers(figures: Iterable[Figure], defaults: Defaults) -> list[Offer]:
    """Of every measured figure that is its whole cell, for each year that has a default and no
    figure in that cell; of several measured years the nearest one, the later at a tie."""
    listed = [f for f in figures if f.sector not in (RENEWABLES, STATISTICS)]
    taken = {(f.year, f.sector, f.carrier) for f in listed}
    measured = [f for f in listed if f.status == ActivityStatus.MEASURED and not f.category]
    best: dict[tuple[str, str, int], Offer] = {}
    for figure in sorted(measured, key=lambda f: -f.year):
        cell = (figure.sector, figure.carrier)
        before = defaults.get(figure.year, {}).get(cell, 0.0)
        for year, cells in defaults.items():
            default = cells.get(cell, 0.0)
            if before <= 0 or default <= 0 or (year, *cell) in taken:
                continue
            place = (*cell, year)
            other = best.get(place)
            if other and abs(other.from_year - year) <= abs(figure.year - year):
                continue
            best[place] = Offer(
                key=figure.key,
                sector=figure.sector,
                carrier=figure.carrier,
                year=year,
                from_year=figure.year,
                delivered_mwh=figure.quantity_mwh or 0.0,
                default_of_from_year_mwh=before,
                default_mwh=default,
                source=figure.source,
            )
    return sorted(best.values(), key=lambda offer: (offer.key, offer.year))
