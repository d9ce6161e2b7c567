"""The past of a measure: revisions, moves, and who changed what. The public learns when it was
published, no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from klima_measures.base.actions.context import may_read_drafts
from klima_measures.sheets.actions.writing import no_measure, sheet_of
from klima_measures.sheets.queries import measures
from klima_measures.sheets.rules.differences import differences
from klima_measures.sheets.rules.publicity import public_form
from klima_shared.database.connections import ReadConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import not_found
from klima_shared.language.text import Text

Row = dict[str, Any]


async def _head(
    connection: ReadConnection, principal: Principal, identity: UUID
) -> tuple[Row, bool]:
    """(measure, whether only what was public is to be shown); 404 for what the caller can't see at
    all."""
    head = await measures.find(connection, identity)
    if head is None:
        raise no_measure(identity)
    if may_read_drafts(principal, head["owner"], head["regions"]):
        return head, False
    if head["published_revision"] is None:
        raise no_measure(identity)
    return head, True


async def transitions(
    connection: ReadConnection, principal: Principal, identity: UUID
) -> Sequence[Row]:
    head, public = await _head(connection, principal, identity)
    rows = await measures.transitions(
        connection, identity, up_to=head["published_revision"] if public else None
    )
    hidden = {"measure_id", "by", "reason"} if public else {"measure_id"}
    return [{name: value for name, value in row.items() if name not in hidden} for row in rows]


async def revisions(
    connection: ReadConnection,
    principal: Principal,
    identity: UUID,
    limit: int,
    before: int | None,
    since: datetime | None = None,
) -> Sequence[Row]:
    _, public = await _head(connection, principal, identity)
    rows = await measures.revisions(
        connection, identity, published=public, limit=limit, before=before, modified_since=since
    )
    return [_plain(row, public) for row in rows]


def _plain(row: Any, public: bool) -> Row:
    shown = {
        name: row[name]
        for name in ("revision", "action", "editorial", "phase", "at", "by", "comment")
    }
    return shown | ({"by": None, "comment": None} if public else {})


async def revision(
    connection: ReadConnection, principal: Principal, identity: UUID, number: int
) -> Row:
    """A revision with its sheet; for the public only the published one: an older one may have been
    corrected."""
    head, public = await _head(connection, principal, identity)
    row = await measures.revision(connection, identity, number) if 0 < number < 2**31 else None
    if row is None or (public and number != head["published_revision"]):
        shown = str(number)[:12]
        raise not_found(Text("There is no revision {shown}.", shown=shown))
    sheet = sheet_of(row["document"])
    if public:
        sheet = await _without_unseen_links(connection, public_form(sheet))
    return {**_plain(row, public), "sheet": sheet}


async def _without_unseen_links(connection: ReadConnection, sheet: Any) -> Any:
    heads = await measures.heads(connection, {link.measure for link in sheet.links})
    seen = {identity for identity, head in heads.items() if head["published_revision"] is not None}
    return sheet.model_copy(
        update={"links": [link for link in sheet.links if link.measure in seen]}
    )


async def changes(
    connection: ReadConnection,
    principal: Principal,
    identity: UUID,
    limit: int,
    before: int | None,
    since: datetime | None = None,
) -> Sequence[Row]:
    """Revisions, newest first, with what each changed against the one before it (not for the
    public)."""
    _, public = await _head(connection, principal, identity)
    if public:
        rows = await measures.revisions(
            connection, identity, published=True, limit=limit, before=before, modified_since=since
        )
        return [{**_plain(row, public), "changes": []} for row in rows]
    rows = await measures.revisions(
        connection, identity, published=False, documents=True, limit=limit + 1, before=before
    )
    found: list[Row] = []
    for position, row in enumerate(rows[:limit]):
        if since is not None and row["at"] < since:
            break
        earlier = rows[position + 1]["document"] if position + 1 < len(rows) else None
        listed = differences(earlier, row["document"]) if earlier is not None else []
        found.append({**_plain(row, public), "changes": [d._asdict() for d in listed]})
    return found
