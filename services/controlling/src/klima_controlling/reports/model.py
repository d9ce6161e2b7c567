"""A report, and its frozen content: sections of columns and rows, as JSON."""

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final, TypeAlias
from uuid import UUID

from typing_extensions import TypedDict

from klima_controlling.base.model import ReportState, Written
from klima_shared.wire.json import JsonObject


class Words(TypedDict):
    de: str
    en: str


Cell: TypeAlias = str | Words | None
Row: TypeAlias = list[Cell]


class Column(Words):
    """`unit` "" for a figure without one, None for text."""

    name: str
    unit: str | None


class Section(Words):
    id: str
    columns: list[Column]
    rows: list[Row]


class ReportRegion(TypedDict):
    ags: str
    name: str
    kind: str


class Content(TypedDict):
    """What a report holds. Figures are text with a point; None is not known."""

    schema: int
    region: ReportRegion
    year: int
    as_of: str
    example: bool
    sources: list[str]
    licence: str | None
    attribution: str | None
    factor_set: str | None
    sections: list[Section]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Written):
    """A row of `report`."""

    id: UUID
    region: str
    year: int
    version: int
    corrects: UUID | None
    reason: str | None
    title: str
    narrative: list[JsonObject]
    decisions: list[str]
    state: str
    content: bytes
    digest: str
    used: JsonObject
    approved_at: datetime | None
    approved_by: str | None
    approved_role: str | None
    four_eyes: bool | None
    published_at: datetime | None
    published_by: str | None

    @property
    def public(self) -> bool:
        return self.state == ReportState.PUBLISHED.value


class RowLabel(Words):
    """A row that every report has: its name, decimals and unit."""

    name: str
    decimals: int
    unit: str


class SectionHead(Words):
    id: str
    columns: list[Column]
    labels: list[RowLabel]


SECTIONS: Final[dict[str, SectionHead]] = {
    head["id"]: head
    for head in json.loads((files("klima_controlling.reports") / "sections.json").read_bytes())
}


SectorOfYear: TypeAlias = tuple[Words, float, str | None]
"""A sector's name, its t CO2e and its grade, None in reports that have none."""


def emissions_by_year(content: Content) -> dict[str, list[SectorOfYear]]:
    """The known emissions of each sector, by year."""
    section = next(section for section in content["sections"] if section["id"] == "sectors")
    years: dict[str, list[SectorOfYear]] = {}
    for year, sector, _, tonnes, *more in section["rows"]:
        letter = more[0] if more and isinstance(more[0], str) else None
        if isinstance(year, str) and isinstance(sector, dict) and isinstance(tonnes, str):
            years.setdefault(year, []).append((sector, float(tonnes), letter))
    return years
