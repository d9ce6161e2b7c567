"""The past of a measure: revisions, moves, and who changed what. The public learns when it was
published, no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from klima_measures.base.actions.session import ReadSession
from klima_measures.base.rules import may_read_drafts
from klima_measures.sheets.model.sheet import Difference, Sheet
from klima_measures.sheets.queries import sheets
from klima_measures.sheets.queries.sheets import MEASURE, Head, HistoryPage, Revision, Transition
from klima_measures.sheets.rules.documents import differences, public_form
from klima_shared.database.connections import ReadConnection
from klima_shared.http.problems import not_found
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.stored import read_stored


async def _find(session: ReadSession, identity: UUID) -> tuple[Head, bool]:
    """(measure, whether only what was public is to be shown); 404 for what the caller can't see at
    all."""
    head = await entities.get(session.connection, MEASURE, identity)
    if may_read_drafts(session.principal, head.owner, head.regions):
        return head, False
    if head.published_revision is None:
        raise MEASURE.missing(identity)
    return head, True


async def transitions(session: ReadSession, identity: UUID) -> tuple[Sequence[Transition], bool]:
    """(moves, oldest first; whether who and why stays internal)."""
    head, public = await _find(session, identity)
    up_to = head.published_revision if public else None
    return await sheets.transitions(session.connection, identity, up_to=up_to), public


async def revisions(
    session: ReadSession, identity: UUID, page: HistoryPage
) -> tuple[Sequence[Revision], bool]:
    """(revisions, newest first; whether who and why stays internal)."""
    _, public = await _find(session, identity)
    return await sheets.revisions(session.connection, identity, page, published=public), public


@dataclass(frozen=True)
class OldSheet:
    """A revision with its sheet."""

    revision: Revision
    sheet: Sheet
    public: bool


async def revision(session: ReadSession, identity: UUID, number: int) -> OldSheet:
    """For the public only the published one: an older one may have been corrected."""
    head, public = await _find(session, identity)
    connection = session.connection
    found = await sheets.revision(connection, identity, number) if 0 < number < 2**31 else None
    if found is None or (public and number != head.published_revision):
        raise not_found(Text("There is no revision {shown}.", shown=str(number)[:12]))
    sheet = read_stored(Sheet, found.document)
    if public:
        sheet = await _without_unseen_links(connection, public_form(sheet))
    return OldSheet(found, sheet, public)


async def _without_unseen_links(connection: ReadConnection, sheet: Sheet) -> Sheet:
    heads = await entities.find_many(connection, MEASURE, {link.measure for link in sheet.links})
    seen = {identity for identity, head in heads.items() if head.published_revision is not None}
    return sheet.model_copy(
        update={"links": [link for link in sheet.links if link.measure in seen]}
    )


async def changes(
    session: ReadSession, identity: UUID, page: HistoryPage
) -> tuple[Sequence[tuple[Revision, Sequence[Difference]]], bool]:
    """Revisions, newest first, with what each changed against the one before it (not for the
    public)."""
    _, public = await _find(session, identity)
    connection, limit, since = session.connection, page.limit, page.since
    if public:
        rows = await sheets.revisions(connection, identity, page, published=True)
        return [(row, ()) for row in rows], public
    # The one before the last is needed to compare with, whenever it was written.
    more = HistoryPage(limit + 1, page.before)
    rows = await sheets.revisions(connection, identity, more, published=False, documents=True)
    found: list[tuple[Revision, Sequence[Difference]]] = []
    for position, row in enumerate(rows[:limit]):
        if since is not None and row.at < since:
            break
        earlier = rows[position + 1].document if position + 1 < len(rows) else row.document
        found.append((row, differences(earlier, row.document)))
    return found, public
