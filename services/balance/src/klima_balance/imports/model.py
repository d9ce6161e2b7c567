"""A file of local figures, what it held, and what of it was stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from klima_balance.engine.figures import Figure
from klima_shared.formats.sheets import Notice
from klima_shared.language.errors import InputError

CellKey = tuple[str, int, str]
"""Region, year and cell."""


@dataclass(frozen=True, slots=True)
class UploadedRow:
    """Texts by column name, stripped; `quantity` None only with a status that needs none."""

    line: int
    texts: dict[str, str]
    quantity: float | None


@dataclass(slots=True)
class Upload:
    """What a file held. With any error nothing of it may be stored. `notices` say what was passed
    over."""

    kind: str
    rows: list[UploadedRow] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


class ImportedFigure(NamedTuple):
    """A figure with its line in the file."""

    line: int
    figure: Figure

    @property
    def place(self) -> CellKey:
        return self.figure.region, self.figure.year, self.figure.key


class OtherSource(StrEnum):
    """What becomes of a cell that has a figure of another source."""

    ASK = "ask"
    REPLACE = "replace"
    ADD = "add"


class StandingFigure(NamedTuple):
    """The figure of a cell, since when, and whether it is of this same file."""

    figure: Figure
    changed_at: datetime
    same_file: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A cell that has a figure: before, and after the import. `question`: only the caller knows
    whether that is meant."""

    line: int
    before: Figure
    after: Figure
    changed_at: datetime
    other_source: bool
    question: bool

    @property
    def cell(self) -> str:
        return f"{self.after.region}/{self.after.year}/{self.after.key}"


class Plan(NamedTuple):
    """What figures would change: those to be stored, what they replace, and how many have no
    figure before or differ in nothing."""

    new: list[ImportedFigure]
    replaced: list[Replacement]
    added: int
    unchanged: int


class ImportSource(NamedTuple):
    """Where figures come from. `rows`: rows of the file with figures."""

    kind: str
    file_name: str
    digest: str
    size_bytes: int
    rows: int


class Changes(NamedTuple):
    """What figures change; no import where there is nothing to change, or in a dry run."""

    import_id: UUID | None
    added: int
    changed: int
    unchanged: int
    replaced: Sequence[Replacement] = ()


@dataclass(frozen=True)
class Outcome:
    """What an import did or, in a dry run, would do."""

    source: ImportSource
    figures: Sequence[ImportedFigure]
    errors: Sequence[InputError]
    notices: Sequence[Notice]
    changes: Changes
    stored: bool = False

    @property
    def regions(self) -> list[str]:
        return sorted({one.figure.region for one in self.figures})

    @property
    def years(self) -> list[int]:
        return sorted({one.figure.year for one in self.figures})


class ImportHead(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: str
    file_name: str = Field(examples=["stadtwerk-2023.csv"])
    digest: str
    size_bytes: int
    rows: int
    added: int
    changed: int
    unchanged: int
    regions: list[str]
    years: list[int]
    created_at: datetime
    created_by: str
    undone_at: datetime | None
    undone_by: str | None

    @property
    def region(self) -> str | None:
        """The one it is about; None: several."""
        return self.regions[0] if len(self.regions) == 1 else None


class ImportedRow(NamedTuple):
    """What an import changed: the revision it made, and the one that stood there before."""

    line: int
    region: str
    year: int
    key: str
    revision: int
    before_revision: int | None
