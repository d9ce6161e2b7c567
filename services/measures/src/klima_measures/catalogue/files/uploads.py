"""What an uploaded file says: entries of a table in the form of the catalogue's export, or a
catalogue with its registers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from klima_measures.catalogue.files import documents, rows, table
from klima_measures.catalogue.files.documents import CatalogueFile
from klima_measures.catalogue.model import Entry
from klima_shared.formats import Limits, read_csv, read_further_sheets, read_xlsx
from klima_shared.formats.sheets import Notice, line_fault, line_of
from klima_shared.language.errors import InputError, Place
from klima_shared.language.text import Text
from klima_shared.wire.json import Json

_LIMITS: Final = Limits(max_rows=documents.MOST_MEASURES)


@dataclass
class Upload:
    """A file as it was read. A catalogue's `content` becomes entries once its registers are
    written."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[InputError] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    content: CatalogueFile | None = None

    @property
    def documents(self) -> Iterable[Json]:
        """The sheets as far as the file has them."""
        return self.content.sheets if self.content else [entry.changes for entry in self.entries]


def detect_kind(name: str, data: bytes) -> str | None:
    """xlsx, csv or catalogue, by what the file is rather than what it is called; None when it is
    none of them."""
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    lower = name.lower()
    if lower.endswith((".yaml", ".yml", ".json")):
        return "catalogue"
    if lower.endswith(".csv"):
        return "csv"
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n")
    if start[:1] in {b"{", b"["} or b":" in start.partition(b"\n")[0]:
        return "catalogue"
    return "csv" if start else None


def read_upload(data: bytes, kind: str) -> Upload:
    """Takes a while for a large workbook."""
    if kind != "catalogue":
        return _read_table(data, kind)
    try:
        return Upload(content=documents.read(data))
    except InputError as error:
        return Upload(faults=[error])


def _read_table(data: bytes, kind: str) -> Upload:
    upload, parts = Upload(), None
    columns = [field.column for field in table.FIELDS]
    if kind == "csv":
        found = read_csv(data, columns, optional=table.OPTIONAL, limits=_LIMITS)
    else:
        found = read_xlsx(data, columns, optional=table.OPTIONAL, limits=_LIMITS)
        parts = _read_parts(data, upload) if not found.errors else None
    upload.faults += found.errors
    present = frozenset(found.columns)
    keys: list[rows.Key] = []
    for row in found.rows:
        place: str | None = "revision"
        try:
            identity, revision = table.identity_of(row.values)
            concept = str(row.values.get("concept") or "2.0")
            keys.append((identity, concept, str(row.values.get("number"))))
            place = None
            changes = table.edits(row.values, present) | (parts.of(keys[-1]) if parts else {})
        except InputError as error:
            upload.faults.append(line_fault(row.line, place, error.text))
            continue
        shown = table.derived(row.values, present)
        upload.entries.append(Entry(row.line, changes, True, identity, revision, shown=shown))
    for title, line in parts.strangers(keys) if parts else ():
        text = Text(
            'Not taken: sheet "{title}", row {line}: the measure is not on the first sheet.',
            title=title,
            line=line,
        )
        upload.notices.append(Notice(Place(title, line=line), text))
    return upload


def _read_parts(data: bytes, upload: Upload) -> rows.ReadParts:
    """The further sheets of a workbook; their faults, and notices of sheets that are not read, go
    to the upload."""
    found, others = read_further_sheets(data, rows.WANTED, optional=rows.OPTIONAL)
    for title, part in found.items():
        for error in part.errors:
            column = error.place.field
            place = f"{title.de}/{column}" if column else title.de
            upload.faults.append(line_fault(line_of(error), place, error.text))
    upload.notices += [
        Notice(Place(name), Text('Not taken: unknown sheet "{name}".', name=name))
        for name in others
    ]
    return rows.read(found)
