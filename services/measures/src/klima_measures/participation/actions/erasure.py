"""Removing what somebody wrote: on request, or because its time has passed. That it happened stays
in the audit.

What is removed: the text and everything of the row that its author or an answer may have put a
person into, the same in all audit rows of the idea, stored answers to repeated requests, and files
of result packages that hold the idea. What stays: number, place, channel, triage and times, so that
sums still agree and the citizen can look up that it is gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from klima_measures.base.queries import erasure as traces
from klima_measures.base.tables import metadata
from klima_measures.participation.actions.ideas import Row, open_for
from klima_measures.participation.model import ErasureKind
from klima_measures.participation.queries import ideas, packages
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text

# What of an idea's audit rows could tell of a person.
PERSONAL: Final = (
    "text",
    "author_group",
    "topic",
    "field",
    "moderation_reason",
    "triage_reason",
    "answer",
    "note",
)
REMOVED: Final = "[entfernt]"
_TELLING: Final = re.compile(
    r"[\w.+-]+@[\w-]+(\.[\w-]+)+"  # mail
    r"|(?<!\w)(\+|00?)[1-9][\d /()-]{5,}\d"  # telephone
    r"|(https?://|www\.)\S+",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Erased:
    """The idea as it is now, and the packages whose receivers have to be told (Art. 19 GDPR)."""

    row: Row
    packages: list[dict[str, Any]]


async def erase(
    connection: WriteConnection,
    principal: Principal,
    reference: str,
    if_match: IfMatch,
    kind: ErasureKind,
    request: str,
    text: str | None,
) -> Erased:
    """Delete or pseudonymise an idea on request. `request` names the file note of the request, not
    the person.

    Pseudonymised: `text` replaces the old one; without it mail addresses, telephone numbers and web
    addresses are taken out, which is all a program can find.
    """
    row = await open_for(connection, principal, reference, if_match)
    if kind is ErasureKind.DELETE and text is not None:
        raise invalid_at("/body/text", Text("A deletion has no new text."))
    return await carry_out(connection, principal, row, kind, request, text)


async def carry_out(
    connection: WriteConnection,
    principal: Principal,
    row: Row,
    kind: ErasureKind,
    request: str,
    text: str | None,
) -> Erased:
    """The removal itself, of a locked idea."""
    values: Row = {
        "erased": kind.value,
        "erased_at": datetime.now(UTC),
        "author_group": None,
        "source_key": None,
    }
    if kind is ErasureKind.DELETE:
        values |= {
            "text": None,
            "topic": None,
            "field": None,
            "answer": None,
            "moderation_reason": None,
        }
        # What a rule of the table wants to be there is replaced by the word that it was removed.
        values["moderation_reason"] = REMOVED if row["moderation"] == "rejected" else None
        values["triage_reason"] = REMOVED if row["triage"] else None
    else:
        values["text"] = text if text is not None else _TELLING.sub(REMOVED, row["text"] or "")
    changed = await ideas.change(connection, row["id"], principal.subject, values)
    told = await _from_packages(connection, principal, row["reference"])
    await traces.scrub_audit(connection, "idea", row["id"], PERSONAL)
    await traces.forget_answers(connection, row["reference"])
    await audit.record(
        connection,
        metadata,
        principal,
        action=kind.value,
        entity="idea",
        entity_id=row["id"],
        region=row["region"],
        after={
            "reference": row["reference"],
            "request": request,
            "packages": [str(one["id"]) for one in told],
        },
    )
    return Erased(changed, told)


async def _from_packages(
    connection: WriteConnection, principal: Principal, reference: str
) -> list[dict[str, Any]]:
    """Remove drafts with the idea, and the files of packages that were handed over; returns the
    latter."""
    told = []
    for package in await packages.with_idea(connection, reference):
        if packages.is_draft(package):
            await packages.remove(connection, package["id"])
            continue
        if package["removed_at"] is None:
            await packages.empty(connection, package["id"], principal.subject)
        told.append(package)
    return told
