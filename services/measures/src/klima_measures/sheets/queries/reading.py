"""One measure as it was read: a revision and everything that is shown around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from klima_measures.registers.queries import EntryTitle
from klima_measures.sheets.model.codes import Audience, Horizon, Priority
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries.relatives import Related
from klima_measures.sheets.queries.sheets import Head
from klima_measures.sheets.rules.derived import Explained, horizon, intermunicipal, priority
from klima_measures.sheets.rules.status import status
from klima_measures.sheets.rules.sums import Check
from klima_shared.codes.action import MeasureStatus, Phase


@dataclass(frozen=True)
class Reading:
    """One measure as one reader sees it on one day, with the names of what is around it."""

    head: Head
    audience: Audience
    revision: int
    sheet: Sheet
    phase: Phase
    today: date
    concept_date: date | None
    related: Sequence[Related]
    registers: Mapping[UUID, EntryTitle]
    names: Mapping[str, str]
    checks: Sequence[Check] = ()

    @property
    def status(self) -> Explained[MeasureStatus]:
        return status(self.sheet, self.phase, self.today)

    @property
    def horizon(self) -> Explained[Horizon | None]:
        return horizon(self.sheet, self.concept_date)

    @property
    def priority(self) -> Explained[Priority | None]:
        return priority(self.sheet)

    @property
    def intermunicipal(self) -> Explained[bool]:
        return intermunicipal(self.sheet)
