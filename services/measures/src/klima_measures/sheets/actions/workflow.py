"""Moves on the two axes that people move by hand: the phase, and the way to publication."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from klima_measures.base.actions.context import Frame
from klima_measures.sheets.actions.writing import Row, show, store
from klima_measures.sheets.model.codes import Audience, Editorial
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import measures, views
from klima_measures.sheets.rules.phases import Move, editorial_refusal, refusals
from klima_shared.codes.lists import Phase
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, conflict, invalid, invalid_at
from klima_shared.language.text import Text


async def transition(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    head: Row,
    sheet: Sheet,
    *,
    to_phase: Phase,
    reason: str | None,
    effective_on: date | None,
) -> Row:
    """Move an opened measure to another phase, with a history row. 409 with everything that stands
    against it."""
    day = effective_on or frame.today()
    if day > frame.today():
        raise invalid_at("/body/effective_on", Text("The date lies in the future."))
    if head["editorial"] == Editorial.ARCHIVED.value:
        raise conflict(_archived())
    current = Phase(head["phase"])
    superseded = await measures.is_superseded(connection, head["id"])
    against = refusals(sheet, Move(current, to_phase, reason, day, superseded))
    if against:
        raise invalid(against[0], *(FieldError("/body/to", text) for text in against))
    changed = {**head, "phase": to_phase.value, "editorial": Editorial.DRAFT.value}
    stored = await store(
        connection, principal, changed, sheet, action="transition", comment=reason, before=sheet
    )
    await measures.add_transition(
        connection,
        {
            "measure_id": head["id"],
            "revision": stored["revision"],
            "from_phase": current.value,
            "to_phase": to_phase.value,
            "effective_on": day,
            "reason": reason,
            "by": principal.subject,
        },
    )
    return stored


def _archived() -> Any:
    return editorial_refusal(Editorial.ARCHIVED, Editorial.IN_REVIEW)


async def editorial_step(
    connection: WriteConnection,
    principal: Principal,
    head: Row,
    sheet: Sheet,
    wanted: Editorial,
    *,
    action: str,
    comment: str | None = None,
) -> Row:
    """Review, withdraw, publish or archive an opened measure. 409 when its present state does not
    allow it."""
    refused = editorial_refusal(Editorial(head["editorial"]), wanted)
    if refused is not None:
        raise conflict(refused)
    changed = {**head, "editorial": wanted.value}
    stored = await store(
        connection, principal, changed, sheet, action=action, comment=comment, before=sheet
    )
    if wanted is Editorial.PUBLISHED:
        return await _publish(connection, principal, stored, sheet)
    if wanted is Editorial.ARCHIVED:
        await measures.change(connection, head["id"], {"published_revision": None})
        await views.remove(connection, head["id"], Audience.PUBLIC)
        stored["published_revision"] = None
    return stored


async def _publish(
    connection: WriteConnection, principal: Principal, stored: Row, sheet: Sheet
) -> Row:
    now = datetime.now(UTC)
    values = {
        "published_revision": stored["revision"],
        "published_at": now,
        "published_by": principal.subject,
        "first_published_at": stored["first_published_at"] or now,
        "changed_at": stored["changed_at"],
    }
    await measures.change(connection, stored["id"], values)
    published = {**stored, **values}
    await show(connection, published, sheet, Audience.PUBLIC)
    return published
