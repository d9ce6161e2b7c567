"""A measure from a template: its steps, roles and gates fill what the sheet leaves empty."""

from __future__ import annotations

from uuid import UUID

from klima_measures.registers import queries as registers
from klima_measures.registers.model import Template
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.rules.templates import filled
from klima_shared.database.connections import WriteConnection
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text


async def from_template(connection: WriteConnection, sheet: Sheet, identity: UUID) -> Sheet:
    """422 for a template that is not there."""
    row = await registers.find(connection, "template", identity)
    if row is None:
        raise invalid_at("/query/template", Text("There is no such template."))
    return filled(sheet, Template.model_validate(row["document"]))
