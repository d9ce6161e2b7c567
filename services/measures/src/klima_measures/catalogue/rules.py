"""Rows of a catalogue that were copied: one id for two measures."""

from collections.abc import Sequence
from math import isclose

from klima_measures.catalogue.model import Entry
from klima_measures.sheets.model.sheet import Sheet
from klima_shared.formats import Value
from klima_shared.formats.sheets import line_fault
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text


def copied_rows(entries: Sequence[Entry]) -> list[InputError]:
    """A fault for each row with an id that another row has too."""
    rows: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.identity is not None:
            rows.setdefault(entry.identity.strip().casefold(), []).append(entry)
    return [
        line_fault(entry.line, "id", _copied(entry, same))
        for same in rows.values()
        if len(same) > 1
        for entry in same
    ]


def _copied(entry: Entry, same: Sequence[Entry]) -> Text:
    others = (
        f"{other.line} ({other.changes.get('number', '–')})" for other in same if other is not entry
    )
    return Text(
        "Line {others} has this id too. Which row is the measure? In a new one the cell id stays "
        "empty.",
        others=", ".join(others)[:200],
    )


def is_another(before: Sheet, after: Sheet) -> bool:
    """Whether nothing is left of the name by which people know the measure."""
    return before.number != after.number and before.title != after.title


def renamed(identity: object, before: Sheet, after: Sheet) -> Text:
    """The question about an id whose number and title are others now."""
    return Text(
        'This id is that of {number} "{title}"; the row says {number_2} "{title_2}". If it is a '
        "new measure, the cell id stays empty; if the measure is to be renamed, send the file with "
        "confirm={identity}.",
        number=before.number,
        title=before.title,
        number_2=after.number,
        title_2=after.title,
        identity=str(identity),
    )


def is_same(cell: Value, value: object) -> bool:
    """Whether a cell says what is so."""
    if cell is None:
        return True  # an empty cell says nothing
    if isinstance(cell, bool) or value is None:
        return bool(cell == value)
    try:
        return isclose(float(str(cell)), float(str(value)), rel_tol=1e-9)
    except ValueError:
        return str(cell) == str(value)
