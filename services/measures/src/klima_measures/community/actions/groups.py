"""What belongs to a working group has its region: whoever writes for the group writes for its
meetings and tasks."""

from __future__ import annotations

from uuid import UUID

from klima_measures.community.tables import meeting, working_group
from klima_measures.records import queries as records
from klima_measures.records.actions import Document
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text


async def check_group(
    connection: WriteConnection, principal: Principal, document: Document
) -> None:
    """Give the document its group's region. 422 for a group, or a meeting of it, that is not
    there."""
    group = await records.find(connection, working_group, UUID(document["group"]))
    if group is None or not principal.may_read_drafts(group["region"]):
        raise invalid_at("/body/group", Text("There is no such working group."))
    document["region"] = group["region"]
    if document.get("meeting"):
        found = await records.find(connection, meeting, UUID(document["meeting"]))
        if found is None or found["parent_id"] != group["id"]:
            raise invalid_at("/body/meeting", Text("The group has no such meeting."))
