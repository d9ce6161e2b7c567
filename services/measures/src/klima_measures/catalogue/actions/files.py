"""Bringing in a file: tables (Excel, CSV) and catalogues (YAML, JSON).

What a file would change is shown first; then all of it happens, or nothing. A preview is the import
itself, taken back: it finds exactly what the import will find. The file is read, and the balance
service is asked for its regions, before the transaction begins.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final
from uuid import UUID

import anyio.to_thread
from pydantic import ValidationError

from klima_measures.base.actions.regions import Regions, ask
from klima_measures.base.actions.session import WriteSession
from klima_measures.base.model.context import Context
from klima_measures.base.model.texts import plain
from klima_measures.base.queries.regions import put_regions, region_names
from klima_measures.base.tables import metadata
from klima_measures.catalogue.actions.imports import Import
from klima_measures.catalogue.files.documents import CatalogueFile
from klima_measures.catalogue.files.uploads import Upload, read_upload
from klima_measures.catalogue.model import Entry, Result, is_id
from klima_measures.registers import actions as register_actions
from klima_measures.registers import queries as registers
from klima_measures.registers.model import MODELS, RegisterKind
from klima_measures.sheets.actions.writing import REGISTER_HOOKS
from klima_measures.sheets.queries import sheets
from klima_measures.upstream.actions import Balance
from klima_shared.codes.access import Role
from klima_shared.codes.action import Phase
from klima_shared.codes.regions import GERMANY, canonical_ags, level, parent
from klima_shared.database.connections import Database
from klima_shared.formats.sheets import line_fault, shortened
from klima_shared.http.auth import Principal
from klima_shared.http.problems import invalid
from klima_shared.http.validation import pointer_of, validation_text
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions.visibility import draft_regions
from klima_shared.wire.json import Json

LOADER: Final = Principal(
    subject="load-example",
    roles=frozenset({Role.VIEWER, Role.EDITOR, Role.MANAGER}),
    regions=(GERMANY,),
)
Ids = Mapping[RegisterKind, Mapping[str, UUID]]


async def bring_in(
    session: WriteSession,
    upload: Upload,
    regions: Regions,
    *,
    dry_run: bool,
    publish: bool = False,
    confirmed: frozenset[UUID] = frozenset(),
) -> Result:
    """What became of the entries. With any fault, or as a dry run, nothing is stored."""
    async with session.connection.begin_nested() as whole:
        entries, faults = upload.entries, list(upload.faults)
        if upload.content is not None:
            regions = await _add_registers(session, upload.content, regions)
            entries, faults = _entries(upload.content, await _named(session, upload.content))
        result = Result(faults=faults)
        if not faults:
            result = await Import(session, regions, publish, confirmed).run(entries)
        result.notices = [*upload.notices, *result.notices]
        result.rows = len(entries)
        result.faults = shortened(result.faults)
        if dry_run or result.faults:
            await whole.rollback()
    return result


async def look_up_regions(
    database: Database, balance: Balance, county: str, upload: Upload
) -> Regions:
    """What is known of the regions of all measures that a file is about."""
    stated = [document.get("regions") for document in upload.documents]
    lists = (keys for keys in stated if isinstance(keys, list))
    keys = {key for keys in lists for key in keys if isinstance(key, str)}
    rest = [entry for entry in upload.entries if "regions" not in entry.changes]
    ids = [UUID(entry.identity) for entry in rest if entry.identity and is_id(entry.identity)]
    async with database.read() as connection:
        keys |= await sheets.regions_of(connection, ids, [entry.named for entry in rest])
        names = await region_names(connection)
    return await ask(names, balance, county, sorted(keys))


def shipped_file(name: str) -> bytes:
    """A catalogue that comes with the service: `measures` (the example sheets) or `templates`."""
    return (files("klima_measures.catalogue") / "examples" / f"{name}.yaml").read_bytes()


async def load(
    database: Database, context: Context, data: bytes, *, publish: bool = True
) -> Result:
    """Import a catalogue file and publish its sheets. A second time nothing changes; what was
    changed in a register since stays.

    With any fault nothing is stored; the result names the faults. Nobody is asked about regions.
    """
    upload = await anyio.to_thread.run_sync(read_upload, data, "catalogue")
    regions = await look_up_regions(database, Balance(None), context.county, upload)
    async with database.write() as writing:
        session = WriteSession(writing, LOADER, metadata, context=context)
        return await bring_in(session, upload, regions, dry_run=False, publish=publish)


def _entries(content: CatalogueFile, codes: Ids) -> tuple[list[Entry], list[InputError]]:
    entries: list[Entry] = []
    faults: list[InputError] = []
    for line, stated in enumerate(content.sheets, start=1):
        sheet = dict(stated)
        try:
            phase = Phase(name) if (name := sheet.pop("phase", None)) else None
        except ValueError:
            faults.append(line_fault(line, "phase", Text("There is no such phase.")))
            continue
        faults += [line_fault(line, place, text) for place, text in _resolve(sheet, codes)]
        entries.append(Entry(line, sheet, phase=phase))
    return entries, faults


def _resolve(sheet: dict[str, object], codes: Ids) -> Iterator[tuple[str, Text]]:
    """Put ids in the place of codes and titles; yields the places that name nothing."""
    programmes = codes[RegisterKind.FUNDING_PROGRAMME]
    funding = [dict(row) for row in _rows(sheet, "funding")]
    for position, row in enumerate(funding):
        name = str(row.get("programme"))
        if name not in programmes and not is_id(name):
            place = f"funding/{position}/programme"
            yield place, Text('No programme "{name}".', name=name[:60])
        row["programme"] = str(programmes.get(name, name))
    sheet["funding"] = funding
    for kind in (RegisterKind.STRATEGY, RegisterKind.QUARTER):
        if sheet.get(kind.value) is None:
            continue
        name = str(sheet[kind.value])
        if name not in codes[kind] and not is_id(name):
            yield kind.value, Text('"{name}" is not registered.', name=name[:60])
        sheet[kind.value] = str(codes[kind].get(name, name))


def _rows(sheet: Json, name: str) -> list[Json]:
    return sheet.get(name) or []


async def _named(session: WriteSession, content: CatalogueFile) -> Ids:
    """Kind -> code or title -> id, of what the sheets of a file name and the writer may read."""
    found, own = content.sheets, draft_regions(session.principal)
    programmes = {str(row.get("programme")) for s in found for row in _rows(s, "funding")}
    names = {
        RegisterKind.FUNDING_PROGRAMME: programmes,
        RegisterKind.STRATEGY: {str(s["strategy"]) for s in found if s.get("strategy")},
        RegisterKind.QUARTER: {str(s["quarter"]) for s in found if s.get("quarter")},
    }
    return {
        kind: await registers.ids_by_name(session.connection, kind, wanted, own)
        for kind, wanted in names.items()
    }


async def _add_registers(
    session: WriteSession, content: CatalogueFile, regions: Regions
) -> Regions:
    """Write the entries and names of regions that are not there yet, because the sheets refer to
    them; the regions with those of the file."""
    own = draft_regions(session.principal)
    rows = [_region(row, session.context.county) for row in content.regions]
    for row in rows:  # a name that everybody reads
        session.require(Role.EDITOR, row["ags"])
    await put_regions(session.connection, rows)
    for kind, entries in content.registers.items():
        for raw in entries:
            try:
                entry = MODELS[kind].model_validate(raw)
            except ValidationError as error:
                first = error.errors()[0]
                place, text = f"{kind.value}{pointer_of(first['loc'])}", validation_text(first)
                raise invalid(Text("{place}: {text}", place=place, text=text)) from error
            known = await registers.ids_by_name(session.connection, kind, [entry.code], own)
            if entry.code not in known:
                region = entry.region or session.context.county
                await register_actions.create(session, kind, entry, region, hooks=REGISTER_HOOKS)
    return regions.with_names({row["ags"]: row["name"] for row in rows})


def _region(row: Json, county: str) -> dict[str, str]:
    try:
        ags, name = canonical_ags(str(row["ags"])), plain(str(row["name"]))
    except (KeyError, TypeError) as error:
        raise invalid(Text("A region needs ags and name.")) from error
    except InputError as error:
        raise invalid(error.text) from error
    return {
        "ags": ags,
        "name": name[:200],
        "kind": level(ags).value,
        "parent": parent(ags) or county,
    }
