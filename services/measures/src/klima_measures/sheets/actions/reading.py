"""Reading one measure: the revision a caller may see, what follows from it, and the names of what
it refers to.

The number of queries does not depend on the rows of the sheet: the sheet, its relatives, its
registers, names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from klima_measures.base.actions.context import Frame, may_read_drafts, reader_of
from klima_measures.catalogue.queries import listing
from klima_measures.registers import queries as registers
from klima_measures.sheets.actions import balance_checks as checks
from klima_measures.sheets.actions.writing import no_measure, sheet_of
from klima_measures.sheets.model.codes import Audience, Horizon, Priority
from klima_measures.sheets.model.explained import Explained
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import measures, relatives
from klima_measures.sheets.rules.derived import horizon, intermunicipal, priority
from klima_measures.sheets.rules.publicity import public_form
from klima_measures.sheets.rules.savings import Check
from klima_measures.sheets.rules.status import status
from klima_shared.codes.lists import MeasureStatus, Phase
from klima_shared.database.connections import ReadConnection
from klima_shared.http.auth import Principal

Version = Literal["published", "working"]


@dataclass(frozen=True)
class Reading:
    """One measure as one reader sees it on one day."""

    head: dict[str, Any]
    audience: Audience
    revision: int
    sheet: Sheet
    phase: Phase
    today: date
    status: Explained[MeasureStatus]
    horizon: Explained[Horizon | None]
    priority: Explained[Priority | None]
    intermunicipal: Explained[bool]
    related: Sequence[dict[str, Any]] = ()
    registers: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    checks: Sequence[Check] = ()


async def read(
    connection: ReadConnection,
    principal: Principal,
    frame: Frame,
    identity: UUID,
    version: Version | None = None,
    *,
    with_checks: bool = True,
) -> Reading:
    """The working revision for whom it is meant, unless he asks for the published one; the
    published one for others.

    404 where there is nothing to read for the caller: the public does not learn that a draft
    exists.
    """
    published = version == "published" or principal.anonymous
    found = await measures.find_with_document(connection, identity, published=published)
    if found is not None and not published:
        head = found[0]
        if not may_read_drafts(principal, head["owner"], head["regions"]):
            published = True
            found = await measures.find_with_document(connection, identity, published=True)
    if found is None:
        raise no_measure(identity)
    head, revision = found
    audience = Audience.PUBLIC if published else Audience.INTERNAL
    return await reading_of(
        connection, principal, frame, head, revision, audience, with_checks=with_checks
    )


async def reading_of(
    connection: ReadConnection,
    principal: Principal,
    frame: Frame,
    head: dict[str, Any],
    revision: dict[str, Any],
    audience: Audience,
    *,
    with_checks: bool = True,
) -> Reading:
    """A revision with everything around it; reduced to what the public may see for the public."""
    sheet, phase, today = sheet_of(revision["document"]), Phase(revision["phase"]), frame.today()
    if audience is Audience.PUBLIC:
        sheet = public_form(sheet)
    reader = reader_of(principal) if audience is Audience.INTERNAL else listing.PUBLIC
    names = await measures.region_names(connection)
    related = await relatives.related(connection, head["id"], audience, reader, today)
    return Reading(
        head=head,
        audience=audience,
        revision=revision["revision"],
        sheet=_only_known_links(sheet, related) if audience is Audience.PUBLIC else sheet,
        phase=phase,
        today=today,
        status=status(sheet, phase, today),
        horizon=horizon(sheet, await registers.concept_date(connection, sheet.concept)),
        priority=priority(sheet),
        intermunicipal=intermunicipal(sheet),
        related=related,
        registers=await _entries(connection, sheet, audience),
        names=names,
        checks=await checks.of(frame, sheet, names) if with_checks else (),
    )


async def _entries(
    connection: ReadConnection, sheet: Sheet, audience: Audience
) -> dict[UUID, dict[str, Any]]:
    found = await registers.titles(connection, register_ids(sheet))
    return {
        i: entry for i, entry in found.items() if entry["public"] or audience is Audience.INTERNAL
    }


def register_ids(sheet: Sheet) -> dict[str, set[UUID]]:
    """Entries of registers that a sheet refers to."""
    return {
        "funding_programme": {row.programme for row in sheet.funding},
        "strategy": {sheet.strategy} if sheet.strategy else set(),
        "quarter": {sheet.quarter} if sheet.quarter else set(),
    }


def _only_known_links(sheet: Sheet, related: Sequence[dict[str, Any]]) -> Sheet:
    """Without links to measures that the public can't see: not even their identity leaves."""
    shown = {row["id"] for row in related}
    return sheet.model_copy(
        update={"links": [link for link in sheet.links if link.measure in shown]}
    )
