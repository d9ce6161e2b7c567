"""Reading one measure: the revision a caller may see, what follows from it, and the names of what
it refers to.

The number of queries does not depend on the rows of the sheet: the sheet, its relatives, its
registers, names.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from uuid import UUID

import anyio

from klima_measures.base.actions.session import AnySession
from klima_measures.base.queries.regions import region_names
from klima_measures.base.rules import PUBLIC, may_read_drafts, reader_of
from klima_measures.registers import queries as registers
from klima_measures.registers.model import RegisterKind
from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import sheets
from klima_measures.sheets.queries.reading import Reading
from klima_measures.sheets.queries.relatives import Related, related
from klima_measures.sheets.queries.sheets import MEASURE, Head, Revision
from klima_measures.sheets.rules.documents import public_form
from klima_measures.sheets.rules.sums import check, claims, pending_check
from klima_measures.upstream.actions import Balance, BalancePending
from klima_shared.revisions.stored import read_stored

Version = Literal["published", "working"]
PATIENCE_SECONDS = 2.5


async def read(session: AnySession, identity: UUID, version: Version | None = None) -> Reading:
    """The working revision for whom it is meant, unless he asks for the published one; the
    published one for others.

    404 where there is nothing to read for the caller: the public does not learn that a draft
    exists.
    """
    connection, caller = session.connection, session.principal
    published = version == "published" or caller.anonymous
    found = await sheets.find_with_document(connection, identity, published=published)
    if found is not None and not published:
        head = found[0]
        if not may_read_drafts(caller, head.owner, head.regions):
            published = True
            found = await sheets.find_with_document(connection, identity, published=True)
    if found is None:
        raise MEASURE.missing(identity)
    return await _reading(session, *found, Audience.PUBLIC if published else Audience.INTERNAL)


async def _reading(
    session: AnySession, head: Head, revision: Revision, audience: Audience
) -> Reading:
    """A revision with everything around it; reduced to what the public may see for the public."""
    connection, public = session.connection, audience is Audience.PUBLIC
    sheet, today = read_stored(Sheet, revision.document), session.context.today()
    reader = PUBLIC if public else reader_of(session.principal)
    names = await region_names(connection)
    near = (await related(connection, [head.id], audience, reader, today=today)).get(head.id, [])
    dates = await registers.concept_dates(connection, [sheet.concept])
    entries = await registers.titles(connection, register_ids([sheet]))
    if public:
        sheet = _without_unseen_links(public_form(sheet), near)
    entries = {
        identity: entry
        for identity, entry in entries.items()
        if entry.public or (not public and session.principal.may_read_drafts(entry.region))
    }
    return Reading(
        head,
        audience,
        revision.revision,
        sheet,
        revision.phase,
        today,
        dates.get(sheet.concept),
        near,
        entries,
        names,
    )


def register_ids(found: Sequence[Sheet]) -> dict[RegisterKind, set[UUID]]:
    """Entries of registers that sheets refer to."""
    return {
        RegisterKind.FUNDING_PROGRAMME: {row.programme for s in found for row in s.funding},
        RegisterKind.STRATEGY: {s.strategy for s in found if s.strategy},
        RegisterKind.QUARTER: {s.quarter for s in found if s.quarter},
    }


def _without_unseen_links(sheet: Sheet, near: Sequence[Related]) -> Sheet:
    """Without links to measures that the public can't see: not even their identity leaves."""
    seen = {other.id for other in near}
    return sheet.model_copy(
        update={"links": [link for link in sheet.links if link.measure in seen]}
    )


async def with_checks(reading: Reading, balance: Balance, county: str) -> Reading:
    """The reading with one check per sector the sheet claims a saving in, against the balance of
    the one municipality, else of the county.

    The balance service is asked outside of any transaction and never waited for long: while it
    can't be asked the checks are `pending`, and the sheet is shown all the same.
    """
    claimed = claims(reading.sheet)
    if not claimed:
        return reading
    regions = reading.sheet.regions
    region = regions[0] if len(regions) == 1 else county
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            found = await balance.emissions(region)
    except (BalancePending, TimeoutError):
        return replace(
            reading, checks=[pending_check(region, sector, t) for sector, t in claimed.items()]
        )
    emissions, year = (found.by_sector, found.year) if found else (None, None)
    name = reading.names.get(region)
    checks = [check(region, s, t, emissions, year, name=name) for s, t in claimed.items()]
    return replace(reading, checks=checks)
