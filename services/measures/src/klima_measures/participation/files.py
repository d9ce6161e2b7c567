"""Ideas from a file (CSV in either dialect, or JSON), and the result package of a workshop: a ZIP
file with its report as tagged PDF (PDF/UA-1)."""

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Annotated, Final

import orjson
from pydantic import BeforeValidator, Field, ValidationError

from klima_measures.base.model.dates import Day
from klima_measures.base.model.texts import IdeaText, Line
from klima_measures.participation.model.codes import AuthorGroup
from klima_shared.codes.regions import Ags
from klima_shared.formats import Limits, Table, read_csv, to_bytes
from klima_shared.formats.sheets import MOST_FAULTS, line_fault, line_of
from klima_shared.formats.tables import read_columns
from klima_shared.http.validation import StrictBody, validation_text
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.look.pdf import pdf
from klima_shared.revisions.model import Document
from klima_shared.sandbox import pool

MAX_ROWS: Final = 5000
_COLUMNS: Final = read_columns("klima_measures", "participation.idea")


_GERMAN_DATE: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_GROUPS: Final = {
    word.casefold(): group for group in AuthorGroup for word in (group.value, group.de, group.en)
}


def _day(value: object) -> object:
    """01.03.2025 as the date it is in Germany; what is no such text is read as ever."""
    written = _GERMAN_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None:
        return value
    day, month, year = map(int, written.groups())
    return f"{year:04}-{month:02}-{day:02}"


def _group(value: object) -> object:
    """A group by its code or by its label."""
    return _GROUPS.get(value.strip().casefold(), value) if isinstance(value, str) else value


class ImportedIdea(StrictBody):
    """One idea of a file."""

    region: Ags
    text: IdeaText
    field: Annotated[str, Field(max_length=40)] | None = None
    group: Annotated[AuthorGroup, BeforeValidator(_group)] | None = None
    topic: Line | None = None
    source_id: Annotated[str, Field(max_length=200)] | None = None
    received_on: Annotated[Day, BeforeValidator(_day)] | None = None


@dataclass(frozen=True, slots=True)
class IdeaFile:
    """What a file held: ideas with their lines, and faults. With any fault nothing is stored.
    `list_name`: the list in which the ids of its ideas count."""

    rows: Sequence[tuple[int, ImportedIdea]]
    faults: Sequence[InputError]
    count: int
    list_name: str = ""


def read_ideas(data: bytes) -> IdeaFile:
    """Read a file; what begins with a bracket is JSON. Never raises for its content."""
    return (
        _read_json(data)
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}
        else _read_csv(data)
    )


def _read_csv(data: bytes) -> IdeaFile:
    optional = [column.name for column in _COLUMNS[2:]]
    table = read_csv(data, _COLUMNS, optional=optional, limits=Limits(max_rows=MAX_ROWS))
    lines = [
        (row.line, {name: value for name, value in row.values.items() if value is not None})
        for row in table.rows
    ]
    return _checked(lines, table.errors)


def _read_json(data: bytes) -> IdeaFile:
    try:
        content = pool.json_document(data)
    except InputError as error:
        return IdeaFile([], [error], 0)
    ideas = content.get("ideas") if isinstance(content, dict) else content
    if not isinstance(ideas, list):
        text = Text("A list of ideas is expected.")
        return IdeaFile([], [InputError(text)], 0)
    if len(ideas) > MAX_ROWS:
        text = Text("At most {max_rows} ideas per file.", max_rows=MAX_ROWS)
        return IdeaFile([], [line_fault(MAX_ROWS + 1, None, text)], len(ideas))
    return _checked(list(enumerate(ideas, start=1)), [])


def _checked(lines: Sequence[tuple[int, object]], faults: list[InputError]) -> IdeaFile:
    rows: list[tuple[int, ImportedIdea]] = []
    count = len(lines) + len({line_of(fault) for fault in faults})
    for line, values in lines:
        if len(faults) > MOST_FAULTS:
            break
        try:
            rows.append((line, ImportedIdea.model_validate(values)))
        except ValidationError as error:
            for one in error.errors(include_url=False):
                column = str(one["loc"][0]) if one["loc"] else None
                faults.append(line_fault(line, column, validation_text(one)))
    return IdeaFile(rows, sorted(faults, key=lambda f: (line_of(f), f.place.field)), count)


_PACKAGE_COLUMNS = read_columns("klima_measures", "participation.package")
DIGESTS = "SHA256SUMS"


def ideas_table(ideas: Sequence[Document]) -> Table:
    rows = [[idea.get(column.name) for column in _PACKAGE_COLUMNS] for idea in ideas]
    return Table(
        "ideen", Label("Ideen der Klimawerkstatt", "Ideas of the workshop"), _PACKAGE_COLUMNS, rows
    )


def write_package(results: Document, report: bytes, moment: datetime) -> bytes:
    """The ZIP file of a workshop: a report, tables and the digests of both. The same results at the
    same moment give the same bytes, so that the digest in the receipt is that of the file for good.
    `results` holds plain values, `ideas` among them; `report` is the PDF."""
    table = ideas_table(results["ideas"])
    members = {
        "ergebnisse.pdf": report,
        "ideen.csv": to_bytes(table, "csv"),
        "ideen-excel.csv": to_bytes(table, "csv-de"),
        "ergebnisse.json": orjson.dumps(
            results, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str
        ),
    }
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in members.items()
    ]
    members[DIGESTS] = "".join(lines).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(
                name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0)
            )
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def workshop_pdf(results: Document, moment: datetime) -> bytes:
    """Takes some tenths of a second: run it in a thread. The same results at the same moment give
    the same bytes."""
    return pdf(
        (files("klima_measures.participation") / "templates" / "workshop.typ").read_bytes(),
        results,
        moment,
    )
