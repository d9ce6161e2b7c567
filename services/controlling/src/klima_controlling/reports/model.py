"""The frozen content of a report: sections of columns and rows, as JSON."""

import json
from importlib.resources import files
from typing import Final, TypeAlias

from typing_extensions import TypedDict


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


def emissions_by_year(content: Content) -> dict[str, list[tuple[Words, float]]]:
    """The known emissions of each sector, by year."""
    section = next(section for section in content["sections"] if section["id"] == "sectors")
    years: dict[str, list[tuple[Words, float]]] = {}
    for year, sector, _, tonnes in section["rows"]:
        if isinstance(year, str) and isinstance(sector, dict) and isinstance(tonnes, str):
            years.setdefault(year, []).append((sector, float(tonnes)))
    return years
