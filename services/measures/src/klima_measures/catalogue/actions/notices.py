"""What a file says that an import does not take over: derived columns, phases, rows and sheets that
belong nowhere.

It is no fault, because such cells are in every export; but nobody shall believe that a change of
one had an effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any

from klima_measures.base.actions.context import Frame
from klima_measures.catalogue.actions.exports import listed
from klima_measures.catalogue.files import table as catalogue_table
from klima_measures.catalogue.model import Entry, Fault
from klima_measures.catalogue.queries import listing
from klima_measures.sheets.model.sheet import Sheet
from klima_shared.codes.lists import Phase
from klima_shared.database.connections import ReadConnection, WriteConnection
from klima_shared.formats import Value
from klima_shared.language.text import Text

Heads = Mapping[int, dict[str, Any] | None]


async def of_entries(
    connection: ReadConnection | WriteConnection,
    frame: Frame,
    entries: Sequence[Entry],
    heads: Heads,
    before: Mapping[int, Sheet | None],
) -> list[Fault]:
    """For each entry the derived cells that say something else than what is so, before the
    import."""
    there = [
        head["id"] for position, head in heads.items() if head and before[position] is not None
    ]
    rows = {
        row["measure_id"]: row for row in await listing.working(connection, there, frame.today())
    }
    found: list[Fault] = []
    for position, entry in enumerate(entries):
        head = heads[position]
        row = rows.get(head["id"]) if head else None
        known = [listed(row, frame, "de"), listed(row, frame, "en"), dict(row)] if row else []
        for name, value in entry.shown.items():
            if not any(
                _same(value, one.get(name))
                for one in known or [_new(name, lang) for lang in ("de", "en")]
            ):
                found.append(_notice(entry, name, value, known[0].get(name) if known else None))
        if row and entry.phase is not None and entry.phase.value != row["phase"]:
            found.append(_notice(entry, "phase", entry.phase.label("de"), known[0]["phase"]))
    return found


def _new(name: str, lang: str) -> dict[str, Any]:
    """A measure that is not there yet is an idea; of anything else derived an empty cell is
    right."""
    return {"phase": Phase.IDEA.en if lang == "en" else Phase.IDEA.de} if name == "phase" else {}


def _same(cell: Value, value: Any) -> bool:
    if cell is None:
        return True  # an empty cell says nothing
    if isinstance(cell, bool) or value is None:
        return bool(cell == value)
    try:
        return isclose(float(str(cell)), float(str(value)), rel_tol=1e-9)
    except ValueError:
        return str(cell) == str(value)


def _notice(entry: Entry, name: str, value: Value, present: Any) -> Fault:
    label = catalogue_table.label_of(name)
    found = str(value)[:60]
    return Fault(
        entry.line,
        name,
        Text(
            'Not taken: {label} "{found}" (it is: {present}).',
            label=label,
            found=found,
            present="–" if present is None else present,
        ),
    )
