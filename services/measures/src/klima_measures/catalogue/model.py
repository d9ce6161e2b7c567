"""What an import is given and what it says: entries, faults, outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from klima_measures.sheets.model.sheet import Difference
from klima_shared.codes.action import Phase
from klima_shared.formats import Value
from klima_shared.formats.sheets import Notice
from klima_shared.language.errors import InputError
from klima_shared.wire.json import Json

State = Literal["created", "changed", "unchanged", "error"]


@dataclass(frozen=True)
class Entry:
    """One measure of a file. `changes` is the whole sheet, or what a row of a table says about some
    fields."""

    line: int
    changes: Json
    partial: bool = False
    identity: str | None = None
    revision: int | None = None
    phase: Phase | None = None
    shown: Mapping[str, Value] = field(default_factory=dict)
    """Cells of columns that are only read: they change nothing, and who changed them is told so."""

    @property
    def named(self) -> tuple[str, str]:
        """Concept and number."""
        return str(self.changes.get("concept") or "2.0"), str(self.changes.get("number"))


@dataclass
class Outcome:
    """What became of one entry."""

    line: int
    number: str
    state: State
    id: UUID | None = None
    differences: Sequence[Difference] = ()


@dataclass
class Result:
    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[InputError] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    """What the file says and what is not taken over."""
    rows: int = 0


def is_id(text: str) -> bool:
    """Whether a file names something by its id rather than by number, code or title."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
