"""From an uploaded file to entries to import: tables (Excel, CSV) and catalogues (YAML, JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import anyio.to_thread
from pydantic import ValidationError

from klima_measures.domain.register_entries import KINDS
from klima_measures.files import catalogue_file, catalogue_table
from klima_measures.storage import measures, registers
from klima_measures.usecases import registers as writing
from klima_measures.usecases.frame import Frame
from klima_measures.usecases.imports import Entry, Fault
from klima_shared.auth import Principal
from klima_shared.codes import Phase
from klima_shared.database import WriteConnection
from klima_shared.formats import read_csv, read_xlsx
from klima_shared.messages import Text
from klima_shared.problems import invalid
from klima_shared.validation import TextError, pointer_of, validation_text


def from_table(data: bytes, kind: str) -> tuple[list[Entry], list[Fault]]:
    """Entries of a table in the form of the catalogue's export; `kind` is xlsx or csv."""
    columns = [field.column for field in catalogue_table.FIELDS]
    if kind == "xlsx":
        found = read_xlsx(data, columns, optional=catalogue_table.OPTIONAL)
    else:
        found = read_csv(data, columns, optional=catalogue_table.OPTIONAL)
    faults = [Fault(error.line, error.column, error.message) for error in found.errors]
    entries: list[Entry] = []
    for row in found.rows:
        try:
            identity, revision = catalogue_table.identity_of(row.values)
        except TextError as error:
            faults.append(Fault(row.line, "revision", error.text))
            continue
        changes = catalogue_table.edits(row.values, frozenset(found.columns))
        entries.append(Entry(row.line, changes, partial=True, identity=identity, revision=revision))
    return entries, faults


async def read_table(data: bytes, kind: str) -> tuple[list[Entry], list[Fault]]:
    """As `from_table`, in a thread: a large workbook takes a while."""
    return await anyio.to_thread.run_sync(from_table, data, kind)


async def from_catalogue(
    connection: WriteConnection, principal: Principal, frame: Frame, data: bytes
) -> tuple[list[Entry], list[Fault]]:
    """Entries of a YAML or JSON file. Its registers are written first, because the sheets refer to them."""
    try:
        content = catalogue_file.read(data)
    except TextError as error:
        return [], [Fault(1, None, error.text)]
    codes = await _registers(connection, principal, frame, content)
    entries: list[Entry] = []
    faults: list[Fault] = []
    for line, sheet in enumerate(content.sheets, start=1):
        try:
            phase = Phase(sheet.pop("phase", None) or Phase.IDEA)
        except ValueError:
            faults.append(Fault(line, "phase", Text("Diese Phase gibt es nicht.", "There is no such phase.")))
            continue
        sheet["funding"] = [
            {**row, "programme": str(codes["funding_programme"].get(str(row.get("programme")), row.get("programme")))}
            for row in sheet.get("funding") or ()
        ]
        for name in ("strategy", "quarter"):
            if sheet.get(name) is not None:
                sheet[name] = str(codes[name].get(str(sheet[name]), sheet[name]))
        entries.append(Entry(line, sheet, phase=phase))
    return entries, faults


async def _registers(
    connection: WriteConnection, principal: Principal, frame: Frame, content: catalogue_file.CatalogueFile
) -> Mapping[str, Mapping[str, UUID]]:
    """Write the entries that are not there yet. Kind -> code or title -> id, of what the file's sheets may name."""
    if content.regions:
        rows = [{"parent": frame.county, **row} for row in content.regions]
        await measures.put_regions(connection, rows)
    known: dict[str, dict[str, UUID]] = {kind: {} for kind in KINDS}
    for kind, entries in content.registers.items():
        for raw in entries:
            try:
                entry = KINDS[kind].model_validate(raw)
            except ValidationError as error:
                first = error.errors()[0]
                place = f"{kind}{pointer_of(first['loc'])}"
                raise invalid(
                    Text(f"{place}: {validation_text(first).de}", f"{place}: {validation_text(first).en}")
                ) from error
            present = (await registers.by_codes(connection, kind, [entry.code])).get(entry.code)
            row = present or await writing.create(connection, principal, frame, kind, entry)
            known[kind] |= {entry.code: row["id"], entry.title: row["id"]}
    return known


def parse_kind(name: str, data: bytes) -> str | None:
    """xlsx, csv or catalogue, by what the file is rather than what it is called; None when it is none of them."""
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    lower = name.lower()
    if lower.endswith((".yaml", ".yml", ".json")):
        return "catalogue"
    if lower.endswith(".csv"):
        return "csv"
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n")
    return "catalogue" if start[:1] in {b"{", b"["} or b":" in start.partition(b"\n")[0] else "csv" if start else None
