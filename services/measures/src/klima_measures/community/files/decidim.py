"""Measures as results of Decidim's accountability component, in the form its CSV import reads.

Names of columns and the separator are those of Decidim's exporter and importer (nested values
joined by `/`, `;`). `id` stays empty: Decidim overwrites the result that has the number found
there, and its numbers are not ours. `proposal_urls` stays empty too: the importer takes the last
digit of each address for the number of a proposal. What the importer does not know it passes over,
so our own columns stand at the end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from klima_shared.formats.tables import neutral

COLUMNS = (
    "id",
    "category/id",
    "category/name/de",
    "scope/id",
    "scope/name/de",
    "parent/id",
    "title/de",
    "description/de",
    "start_date",
    "end_date",
    "status/id",
    "status/key",
    "status/name/de",
    "progress",
    "created_at",
    "url",
    "proposal_urls",
    "klimakreis/id",
    "klimakreis/number",
    "klimakreis/ideas",
)


def decidim_file(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """UTF-8 without a mark (Ruby's reader would take it for part of the first column's name), lines
    ended by CRLF."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in COLUMNS])
    return buffer.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    return "" if value is None else neutral(str(value)) if isinstance(value, str) else str(value)
