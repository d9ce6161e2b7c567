"""Ideas from a file: CSV in either dialect, or JSON. Every fault is named with its line and
column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from klima_measures.base.model.dates import Day
from klima_measures.base.model.texts import IdeaText, Line
from klima_measures.participation.model import AuthorGroup
from klima_shared.codes.fields import Ags
from klima_shared.formats import Column, Limits, read_csv
from klima_shared.http.validation import validation_text
from klima_shared.language.text import Label, Text

MAX_ROWS: Final = 5000
_COLUMNS: Final = (
    Column("region", Label("Gebiet", "Region")),
    Column("text", Label("Text", "Text")),
    Column("field", Label("Handlungsfeld", "Field of action")),
    Column("group", Label("Gruppe", "Group")),
    Column("topic", Label("Thema", "Topic")),
    Column("source_id", Label("Kennung der Quelle", "Id of the source")),
    Column("received_on", Label("Eingang", "Received on")),
)


class IdeaRow(BaseModel):
    """One idea of a file."""

    model_config = ConfigDict(extra="forbid")
    region: Ags
    text: IdeaText
    field: Annotated[str, Field(max_length=40)] | None = None
    group: AuthorGroup | None = None
    topic: Line | None = None
    source_id: Annotated[str, Field(max_length=200)] | None = None
    received_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line; `column` is None when it is the line or the file as a whole."""

    line: int
    column: str | None
    message: Text


@dataclass(frozen=True, slots=True)
class Read:
    """What a file held: ideas with their lines, and faults. With any fault nothing is stored."""

    rows: Sequence[tuple[int, IdeaRow]]
    faults: Sequence[Fault]
    count: int


def read(data: bytes) -> Read:
    """Read a file; what begins with a bracket is JSON. Never raises for its content."""
    return (
        _read_json(data)
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}
        else _read_csv(data)
    )


def _read_csv(data: bytes) -> Read:
    optional = [column.name for column in _COLUMNS[2:]]
    table = read_csv(data, _COLUMNS, optional=optional, limits=Limits(max_rows=MAX_ROWS))
    faults = [Fault(error.line, error.column, error.message) for error in table.errors]
    lines = [
        (row.line, {name: value for name, value in row.values.items() if value is not None})
        for row in table.rows
    ]
    return _checked(lines, faults)


def _read_json(data: bytes) -> Read:
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        text = Text("The file is not valid JSON.")
        return Read([], [Fault(getattr(error, "lineno", 1), None, text)], 0)
    ideas = found.get("ideas") if isinstance(found, dict) else found
    if not isinstance(ideas, list):
        text = Text("A list of ideas is expected.")
        return Read([], [Fault(1, None, text)], 0)
    if len(ideas) > MAX_ROWS:
        text = Text("At most {max_rows} ideas per file.", max_rows=MAX_ROWS)
        return Read([], [Fault(MAX_ROWS + 1, None, text)], len(ideas))
    return _checked(list(enumerate(ideas, start=1)), [])


def _checked(lines: Sequence[tuple[int, Any]], faults: list[Fault]) -> Read:
    rows: list[tuple[int, IdeaRow]] = []
    for line, values in lines:
        try:
            rows.append((line, IdeaRow.model_validate(values)))
        except ValidationError as error:
            for one in error.errors(include_url=False):
                column = str(one["loc"][0]) if one["loc"] else None
                faults.append(Fault(line, column, validation_text(one)))
    faulty = {fault.line for fault in faults}
    return Read(
        rows, sorted(faults, key=lambda f: (f.line, f.column or "")), len(rows) + len(faulty)
    )
