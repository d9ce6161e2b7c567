"""What a sheet refers to must be there: field, regions, programmes, strategy, quarter, other
measures; no circles."""

from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from klima_measures.base.actions.regions import Regions
from klima_measures.base.actions.session import WriteSession
from klima_measures.registers import queries as registers
from klima_measures.registers.model import RegisterKind
from klima_measures.sheets.model.codes import FundingState, LinkKind
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import sheets
from klima_measures.sheets.queries.sheets import MEASURE
from klima_measures.sheets.rules.links import circle
from klima_shared.http.problems import FieldError, invalid
from klima_shared.language.text import Label, Text
from klima_shared.revisions import entities


class Change(NamedTuple):
    """A sheet and what it was before; None for a new one."""

    before: Sheet | None
    sheet: Sheet


async def check(session: WriteSession, identity: UUID, change: Change, regions: Regions) -> None:
    """422 with every place that refers to nothing, to something expired, or back to the measure
    itself."""
    sheet, errors = change.sheet, []
    codes = list(session.context.fields.codes())
    if sheet.field not in codes:
        text = Text("There is no such field of action; possible: {known}.", known=", ".join(codes))
        errors.append(FieldError("/body/field", text))
    for ags in regions.unknown(sheet.regions):
        # The balance service's wording of the same message is another one.
        unknown = Label(
            f"Ein Gebiet mit dem Schlüssel {ags} gibt es nicht.",
            f"There is no region with the key {ags}.",
        )
        errors.append(FieldError(f"/body/regions/{sheet.regions.index(ags)}", unknown))
    for found in (
        _programmes(session, change),
        _parents(session, sheet),
        _links(session, identity, change),
    ):
        errors += [error async for error in found]
    if errors:
        many = Text("{count} values are invalid.", count=len(errors))
        raise invalid(errors[0].detail if len(errors) == 1 else many, *errors)


async def _programmes(session: WriteSession, change: Change) -> AsyncIterator[FieldError]:
    """Programmes are in the register; an expired one is refused for what is still to be applied
    for.

    A row that was there before stays: time passing must not make a sheet unsavable.
    """
    wanted = {row.programme for row in change.sheet.funding}
    kept = {row.programme for row in change.before.funding} if change.before else set()
    kind, today = RegisterKind.FUNDING_PROGRAMME, session.context.today()
    known = await registers.find_many(session.connection, kind, wanted)
    for position, row in enumerate(change.sheet.funding):
        place = f"/body/funding/{position}/programme"
        programme = known.get(row.programme)
        if programme is None:
            yield FieldError(place, Text("This programme is not in the register."))
            continue
        end = programme.valid_to
        open_yet = row.state in {FundingState.IDEA, FundingState.APPLIED}
        if end is not None and end < today and row.programme not in kept and open_yet:
            yield FieldError(place, Text("The programme expired on {end}.", end=end))


async def _parents(session: WriteSession, sheet: Sheet) -> AsyncIterator[FieldError]:
    connection = session.connection
    if sheet.strategy is not None and not await registers.find(
        connection, RegisterKind.STRATEGY, sheet.strategy
    ):
        yield FieldError("/body/strategy", Text("There is no such strategy."))
    if sheet.quarter is not None:
        quarter = await registers.find(connection, RegisterKind.QUARTER, sheet.quarter)
        if quarter is None:
            yield FieldError("/body/quarter", Text("There is no such quarter."))
        elif quarter.region not in sheet.regions:
            text = Text("The quarter does not lie in the municipality named.")
            yield FieldError("/body/quarter", text)


def superseded(sheet: Sheet) -> set[UUID]:
    """The measures that a sheet takes the place of."""
    return {link.measure for link in sheet.links if link.kind is LinkKind.SUPERSEDES}


async def _links(
    session: WriteSession, identity: UUID, change: Change
) -> AsyncIterator[FieldError]:
    before, sheet, connection = change.before, change.sheet, session.connection
    if before is not None and before.links == sheet.links:
        return
    dropped = superseded(before) - superseded(sheet) if before is not None else set()
    if left := await sheets.left_without_successor(connection, identity, dropped):
        text = Text(
            "{replaced} is replaced by this measure; the link (supersedes) must stay.",
            replaced=", ".join(left),
        )
        yield FieldError("/body/links", text)
        return
    known = await entities.find_many(connection, MEASURE, {link.measure for link in sheet.links})
    wrong = False
    for position, link in enumerate(sheet.links):
        if link.measure == identity or link.measure not in known:
            itself = Text("A measure does not link to itself.")
            text = itself if link.measure == identity else Text("There is no such measure.")
            yield FieldError(f"/body/links/{position}/measure", text)
            wrong = True
    if wrong:
        return
    for kind in LinkKind:
        targets = [link.measure for link in sheet.links if link.kind is kind]
        if not targets or not kind.directed:
            continue
        others = await sheets.edges(connection, kind, without=identity)
        found = circle(identity, targets, others)
        if found is not None:
            numbers = await entities.find_many(connection, MEASURE, set(found))
            way = " → ".join(numbers[i].number if i in numbers else sheet.number for i in found)
            place = [(link.kind, link.measure) for link in sheet.links].index((kind, found[1]))
            text = Text("The link closes a circle: {way}.", way=way)
            yield FieldError(f"/body/links/{place}/measure", text)
