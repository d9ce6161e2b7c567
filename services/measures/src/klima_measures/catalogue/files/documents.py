"""A catalogue as a YAML or JSON file: sheets in full or short form, and the registers they refer
to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from klima_measures.catalogue.files import short_form
from klima_measures.registers.model import RegisterKind
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.sandbox import pool
from klima_shared.wire.json import Json

MOST_MEASURES: Final = 5000
REGISTERS: Final = {
    "concepts": RegisterKind.CONCEPT,
    "funding_programmes": RegisterKind.FUNDING_PROGRAMME,
    "strategies": RegisterKind.STRATEGY,
    "templates": RegisterKind.TEMPLATE,
    "rounds": RegisterKind.ROUND,
    "quarters": RegisterKind.QUARTER,
}


@dataclass(frozen=True)
class CatalogueFile:
    """What a file holds, JSON-like; links name measures by number, funding rows name programmes by
    code or title."""

    sheets: Sequence[Json]
    registers: dict[RegisterKind, list[Json]] = field(default_factory=dict)
    regions: list[Json] = field(default_factory=list)


def read(data: bytes) -> CatalogueFile:
    """Raises `InputError` with the reason when the file is no catalogue."""
    content = _parsed(data)
    if isinstance(content, list):
        content = {"measures": content}
    if not isinstance(content, dict) or not isinstance(content.get("measures"), list):
        raise InputError(Text('A list of measures under "measures" is expected.'))
    entries = content["measures"]
    if len(entries) > MOST_MEASURES:
        raise InputError(
            Text("At most {most_measures} measures a file.", most_measures=MOST_MEASURES)
        )
    sheets = [_sheet(entry, content, position) for position, entry in enumerate(entries)]
    for position, sheet in enumerate(sheets, start=1):
        for name in ("links", "funding"):  # their names are looked up before the sheet is checked
            _objects(sheet, name, Text("Entry {position}: ", position=position))
    nowhere = Label("", "")
    registers = {kind: _objects(content, name, nowhere) for name, kind in REGISTERS.items()}
    return CatalogueFile(sheets, registers, _objects(content, "regions", nowhere))


def _objects(content: Json, name: str, where: Text) -> list[Json]:
    found = content.get(name) or []
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise InputError(
            Text('{where}"{name}" is no list of entries with fields.', where=where, name=name)
        )
    return found


def _sheet(entry: object, top: Json, position: int) -> dict[str, object]:
    if not isinstance(entry, dict):
        raise InputError(Text("Entry {position} is no measure.", position=position + 1))
    if not short_form.is_short(entry):
        return {str(name): value for name, value in entry.items()}
    try:
        return short_form.sheet_of(entry, top)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = str(error)[:80]
        raise InputError(
            Text(
                "Entry {position} ({entry}): {what} can't be read or is missing.",
                position=position + 1,
                entry=str(entry.get("id"))[:20],
                what=what,
            )
        ) from error


def _parsed(data: bytes) -> object:
    try:
        return pool.document(data)
    except InputError as error:
        place = f"{error.place.pointer}: " if error.place.pointer else ""
        raise InputError(Text("{place}{text}", place=place, text=error.text)) from error
