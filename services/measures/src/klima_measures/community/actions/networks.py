"""Members of networks must be actors, each once."""

from __future__ import annotations

from uuid import UUID

from klima_measures.community.queries import networks
from klima_measures.records.actions import Document, Row
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, invalid
from klima_shared.language.text import Text


async def check_members(connection: WriteConnection, _: Principal, document: Document) -> None:
    """422 for a member that is no actor, or that is named twice."""
    asked = [UUID(line["actor"]) for line in document["members"]]
    known = await networks.known_actors(connection, asked)
    errors = []
    for place, identity in enumerate(asked):
        if identity not in known:
            text = Text("There is no such actor.")
        elif identity in asked[:place]:
            text = Text("This actor is named already.")
        else:
            continue
        errors.append(FieldError(f"/body/members/{place}/actor", text))
    if errors:
        raise invalid(errors[0].detail, *errors)


async def write_members(connection: WriteConnection, row: Row) -> None:
    await networks.set_members(connection, row["id"], row["document"]["members"])
