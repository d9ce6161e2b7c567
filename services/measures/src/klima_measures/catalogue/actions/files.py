"""Bringing in a file: tables (Excel, CSV) and catalogues (YAML, JSON).

What a file would change is shown first; then all of it happens, or nothing. A preview is the import
itself, taken back: it finds exactly what the import will find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import anyio.to_thread
from pydantic import ValidationError

from klima_measures.base.actions.context import Frame
from klima_measures.base.model.texts import plain
from klima_measures.catalogue.actions.imports import run
from klima_measures.catalogue.files import documents as catalogue_file
from klima_measures.catalogue.files import rows as catalogue_rows
from klima_measures.catalogue.files import table as catalogue_table
from klima_measures.catalogue.model import Entry, Fault, Result, is_id
from klima_measures.registers import actions as writing
from klima_measures.registers import queries as registers
from klima_measures.registers.model import KINDS
from klima_measures.sheets.queries import measures
from klima_shared.codes.fields import canonical_ags, level, parent
from klima_shared.codes.lists import Phase
from klima_shared.database.connections import WriteConnection
from klima_shared.formats import read_csv, read_further_sheets, read_xlsx
from klima_shared.http.auth import Principal
from klima_shared.http.problems import invalid
from klima_shared.http.validation import TextError, pointer_of, validation_text
from klima_shared.language.text import Text


async def bring_in(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    data: bytes,
    kind: str,
    *,
    dry_run: bool,
    publish: bool = False,
) -> tuple[Result, int]:
    """(what became of the entries, how many there are). With any fault, or as a dry run, nothing is
    stored."""
    async with connection.begin_nested() as whole:
        notices: list[Fault] = []
        if kind == "catalogue":
            entries, faults = await from_catalogue(connection, principal, frame, data)
        else:
            entries, faults, notices = await read_table(data, kind)
        result = Result(faults=faults)
        if not faults:
            result = await run(connection, principal, frame, entries, publish=publish)
        result.notices = notices + result.notices
        if dry_run or result.faults:
            await whole.rollback()
    return result, len(entries)


Read = tuple[list[Entry], list[Fault], list[Fault]]


def from_table(data: bytes, kind: str) -> Read:
    """(entries, faults, notices) of a table in the form of the catalogue's export; `kind` is xlsx
    or csv."""
    columns = [field.column for field in catalogue_table.FIELDS]
    if kind == "csv":
        found, parts, faults, notices = (
            read_csv(data, columns, optional=catalogue_table.OPTIONAL),
            None,
            [],
            [],
        )
    else:
        found = read_xlsx(data, columns, optional=catalogue_table.OPTIONAL)
        parts, faults, notices = _parts(data) if not found.errors else (None, [], [])
    faults += [Fault(error.line, error.column, error.message) for error in found.errors]
    present = frozenset(found.columns)
    entries: list[Entry] = []
    keys: list[catalogue_rows.Key] = []
    for row in found.rows:
        try:
            identity, revision = catalogue_table.identity_of(row.values)
        except TextError as error:
            faults.append(Fault(row.line, "revision", error.text))
            continue
        keys.append(
            (identity, str(row.values.get("concept") or "2.0"), str(row.values.get("number")))
        )
        try:
            changes = catalogue_table.edits(row.values, present) | (
                parts.of(keys[-1]) if parts else {}
            )
        except TextError as error:
            faults.append(Fault(row.line, None, error.text))
            continue
        shown = catalogue_table.shown(row.values, present)
        entries.append(
            Entry(
                row.line, changes, partial=True, identity=identity, revision=revision, shown=shown
            )
        )
    for title, line in parts.strangers(keys) if parts else ():
        text = Text(
            'Not taken: sheet "{title}", row {line}: the measure is not on the first sheet.',
            title=title,
            line=line,
        )
        notices.append(Fault(line, title, text))
    return entries, faults, notices


def _parts(data: bytes) -> tuple[catalogue_rows.ReadParts, list[Fault], list[Fault]]:
    """(rows of the further sheets, their faults, notices of sheets that are not read) of a
    workbook."""
    found, others = read_further_sheets(
        data, catalogue_rows.WANTED, optional=catalogue_rows.OPTIONAL
    )
    faults = [
        Fault(error.line, f"{title.de}/{error.column}" if error.column else title.de, error.message)
        for title, table in found.items()
        for error in table.errors
    ]
    notices = [
        Fault(1, name, Text('Not taken: unknown sheet "{name}".', name=name)) for name in others
    ]
    return catalogue_rows.read(found), faults, notices


async def read_table(data: bytes, kind: str) -> Read:
    """As `from_table`, in a thread: a large workbook takes a while."""
    return await anyio.to_thread.run_sync(from_table, data, kind)


async def from_catalogue(
    connection: WriteConnection, principal: Principal, frame: Frame, data: bytes
) -> tuple[list[Entry], list[Fault]]:
    """Entries of a YAML or JSON file. Its registers are written first, because the sheets refer to
    them."""
    try:
        content = catalogue_file.read(data)
    except TextError as error:
        return [], [Fault(1, None, error.text)]
    await _registers(connection, principal, frame, content)
    codes = await _named(connection, content)
    entries: list[Entry] = []
    faults: list[Fault] = []
    for line, sheet in enumerate(content.sheets, start=1):
        try:
            phase = Phase(stated) if (stated := sheet.pop("phase", None)) else None
        except ValueError:
            faults.append(Fault(line, "phase", Text("There is no such phase.")))
            continue
        faults += [Fault(line, place, text) for place, text in _resolve(sheet, codes)]
        entries.append(Entry(line, sheet, phase=phase))
    return entries, faults


def _resolve(
    sheet: dict[str, Any], codes: Mapping[str, Mapping[str, UUID]]
) -> Iterator[tuple[str, Text]]:
    """Put ids in the place of codes and titles; yields the places that name nothing."""
    funding = [dict(row) for row in sheet.get("funding") or ()]
    for position, row in enumerate(funding):
        name = str(row.get("programme"))
        if name not in codes["funding_programme"] and not is_id(name):
            place = f"funding/{position}/programme"
            yield (place, Text('No programme "{name}".', name=name[:60]))
        row["programme"] = str(codes["funding_programme"].get(name, name))
    sheet["funding"] = funding
    for kind in ("strategy", "quarter"):
        if sheet.get(kind) is None:
            continue
        name = str(sheet[kind])
        if name not in codes[kind] and not is_id(name):
            yield (kind, Text('"{name}" is not registered.', name=name[:60]))
        sheet[kind] = str(codes[kind].get(name, name))


async def _named(
    connection: WriteConnection, content: catalogue_file.CatalogueFile
) -> Mapping[str, Mapping[str, UUID]]:
    """Kind -> code or title -> id, of what the sheets of a file name."""
    names: dict[str, set[str]] = {
        "funding_programme": {
            str(r.get("programme")) for s in content.sheets for r in s.get("funding") or ()
        },
        "strategy": {str(s["strategy"]) for s in content.sheets if s.get("strategy")},
        "quarter": {str(s["quarter"]) for s in content.sheets if s.get("quarter")},
    }
    return {
        kind: await registers.ids_by_name(connection, kind, wanted)
        for kind, wanted in names.items()
    }


async def _registers(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    content: catalogue_file.CatalogueFile,
) -> None:
    """Write the entries and names of regions that are not there yet."""
    if content.regions:
        await measures.put_regions(connection, [_region(row, frame) for row in content.regions])
    for kind, entries in content.registers.items():
        for raw in entries:
            try:
                entry = KINDS[kind].model_validate(raw)
            except ValidationError as error:
                first = error.errors()[0]
                place, text = f"{kind}{pointer_of(first['loc'])}", validation_text(first)
                raise invalid(Text("{place}: {text}", place=place, text=text)) from error
            if entry.code not in await registers.by_codes(connection, kind, [entry.code]):
                await writing.create(connection, principal, frame, kind, entry)


def _region(row: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    try:
        ags, name = canonical_ags(str(row["ags"])), plain(str(row["name"]))
    except (KeyError, TypeError) as error:
        raise invalid(Text("A region needs ags and name.")) from error
    except TextError as error:
        raise invalid(error.text) from error
    return {
        "ags": ags,
        "name": name[:200],
        "kind": level(ags).value,
        "parent": parent(ags) or frame.county,
    }


def parse_kind(name: str, data: bytes) -> str | None:
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
    return (
        "catalogue"
        if start[:1] in {b"{", b"["} or b":" in start.partition(b"\n")[0]
        else "csv"
        if start
        else None
    )
