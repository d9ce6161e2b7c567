"""The result package of a workshop: a ZIP file with a report, tables and the digests of both.

The same results at the same moment give the same bytes, so that the digest in the receipt is that
of the file for good.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from klima_shared.formats import Column, Kind, Table, to_bytes
from klima_shared.language.text import Label

_COLUMNS = (
    Column("reference", Label("Nummer", "Reference")),
    Column("topic", Label("Thema", "Topic")),
    Column("text", Label("Idee", "Idea")),
    Column("field", Label("Handlungsfeld", "Field of action")),
    Column("group", Label("Gruppe", "Group")),
    Column("state", Label("Stand", "State")),
    Column("triage", Label("Zuordnung", "Triage")),
    Column("reason", Label("Begründung", "Reason")),
    Column("merged_into", Label("Aufgegangen in", "Merged into")),
    Column("dots", Label("Punkte", "Dots"), Kind.INTEGER),
    Column("answer", Label("Antwort", "Answer")),
)
DIGESTS = "SHA256SUMS"


def ideas_table(ideas: Sequence[Mapping[str, Any]]) -> Table:
    rows = [[idea.get(column.name) for column in _COLUMNS] for idea in ideas]
    return Table(
        "ideen", Label("Ideen der Klimawerkstatt", "Ideas of the workshop"), _COLUMNS, rows
    )


def package(results: Mapping[str, Any], report: bytes, moment: datetime) -> bytes:
    """The ZIP file. `results` holds plain values, `ideas` among them; `report` is the PDF."""
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
