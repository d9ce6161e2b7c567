"""Measures that campaigns and news refer to must be there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from klima_measures.community.tables import campaign
from klima_measures.records.actions import Document
from klima_measures.sheets.tables import measure
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, invalid, invalid_at
from klima_shared.language.text import Text


async def check_references(connection: WriteConnection, _: Principal, document: Document) -> None:
    """422 for a measure or a campaign that is not there."""
    asked = [UUID(identity) for identity in document.get("measures", [])]
    known = set(
        (await connection.execute(select(measure.c.id).where(measure.c.id.in_(asked)))).scalars()
    )
    text = Text("There is no such measure.")
    errors = [
        FieldError(f"/body/measures/{i}", text)
        for i, identity in enumerate(asked)
        if identity not in known
    ]
    if errors:
        raise invalid(text, *errors)
    if document.get("campaign"):
        query = select(campaign.c.id).where(campaign.c.id == UUID(document["campaign"]))
        if (await connection.execute(query)).first() is None:
            raise invalid_at("/body/campaign", Text("There is no such campaign."))
