"""How far the year of a balance is known: by its own national energy and factors, by provisional
ones, or by those of another year."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from klima_balance.engine.results import Balances
from klima_balance.method.factors import carrier_factor, nearest
from klima_balance.method.model import Method
from klima_shared.codes.energy import Carrier
from klima_shared.codes.quality import Certainty
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json

PROVISIONAL: Final = Label("vorläufig", "provisional")


def year_of(document: Json, lang: Lang) -> str:
    """The year of a balance as people read it: "2022", "2024 (vorläufig)"."""
    mark = f" ({PROVISIONAL.get(lang)})" if document.get("provisional") else ""
    return f"{document['year']}{mark}"


def energy_years(method: Method) -> list[int]:
    """The years of the national energy table, ascending."""
    return sorted({int(year) for year in method.national_energy["year"]})


@dataclass(frozen=True)
class Standing:
    """What of the years behind a run is not final; by region where that depends on its figures."""

    balances: Balances

    @cached_property
    def energy_year(self) -> int:
        """The year of the national energy that the run shares out."""
        return nearest(energy_years(self.balances.method), self.balances.year)

    @cached_property
    def electricity_year(self) -> int | None:
        """The year of the electricity factor; None where it holds for every year."""
        b = self.balances
        return carrier_factor(
            b.method, b.options.factor_set, Carrier.ELECTRICITY.value, "stationary", b.year
        ).year

    @cached_property
    def _energy_provisional(self) -> bool:
        table = self.balances.method.national_energy
        rows = table[table["year"] == self.energy_year]
        return bool((rows["certainty"] == Certainty.PROVISIONAL.value).any())

    def _shared_out(self, at: int) -> bool:
        """Whether national energy is in the sums of the region at a position."""
        return bool(self.balances.flags["start_balance"][at])

    def energy_carried(self, at: int) -> bool:
        """Whether energy of another year stands in for this year's: no balance of the year."""
        return self.energy_year != self.balances.year and self._shared_out(at)

    def reasons(self, at: int) -> list[Text]:
        """Why the balance of the region at a position is provisional; empty where it is not."""
        year, found = self.balances.year, []
        if self._energy_provisional and self._shared_out(at):
            found.append(
                Text("The national final energy of {year} is provisional.", year=self.energy_year)
            )
        if self.electricity_year is not None and self.electricity_year < year:
            found.append(
                Text(
                    "The electricity factor of {year} is not published yet; that of {known} stands "
                    "in.",
                    year=year,
                    known=self.electricity_year,
                )
            )
        return found
