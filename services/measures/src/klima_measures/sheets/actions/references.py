"""What a sheet refers to must be there: field, regions, programmes, strategy, quarter, other
measures; no circles."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from klima_measures.base.actions.regions import Regions
from klima_measures.base.actions.session import WriteSession
from klima_measures.registers import queries as registers
from klima_measures.registers.model import RegisterKind
from klima_measures.registers.queries import REGISTERS, StoredEntry
from klima_measures.sheets.model.codes import FundingState, LinkKind
from klima_measures.sheets.model.rows import Link
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import sheets
from klima_measures.sheets.queries.sheets import MEASURE, Head
from klima_measures.sheets.rules.links import circle
from klima_shared.codes.access import Role
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, invalid
from klima_shared.http.references import no_region
from klima_shared.language.text import Text
from klima_shared.revisions import entities

_MOST_NAMED: Final = 10


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
        errors.append(FieldError(f"/body/regions/{sheet.regions.index(ags)}", no_region(ags)))
    for found in (
        _programmes(session, change),
        _parents(session, change),
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
    known = await _entries(session, kind, wanted, kept)
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


async def _entries(
    session: WriteSession,
    kind: RegisterKind,
    wanted: Collection[UUID | None],
    kept: Collection[UUID | None],
) -> dict[UUID, StoredEntry]:
    """The entries that the writer may name: those he may read, and those that were named before
    him."""
    named = {identity for identity in wanted if identity is not None}
    found = await registers.find_many(session.connection, kind, named)
    readable = REGISTERS[kind].readable
    return {
        identity: entry
        for identity, entry in found.items()
        if identity in kept or readable(session.principal, entry)
    }


async def _parents(session: WriteSession, change: Change) -> AsyncIterator[FieldError]:
    sheet, before = change.sheet, change.before
    kept = {before.strategy, before.quarter} if before else set()
    if sheet.strategy is not None and not await _entries(
        session, RegisterKind.STRATEGY, [sheet.strategy], kept
    ):
        yield FieldError("/body/strategy", Text("There is no such strategy."))
    if sheet.quarter is not None:
        found = await _entries(session, RegisterKind.QUARTER, [sheet.quarter], kept)
        quarter = found.get(sheet.quarter)
        if quarter is None:
            yield FieldError("/body/quarter", Text("There is no such quarter."))
        elif quarter.region not in sheet.regions:
            text = Text("The quarter does not lie in the municipality named.")
            yield FieldError("/body/quarter", text)


def superseded(sheet: Sheet) -> set[UUID]:
    """The measures that a sheet takes the place of."""
    return {link.measure for link in sheet.links if link.kind is LinkKind.SUPERSEDES}


def numbers_for(principal: Principal, heads: Sequence[Head]) -> Text:
    """The numbers of measures as one list: of those that somebody may read, and whether there are
    others."""
    seen = [head.number for head in heads if MEASURE.readable(principal, head)]
    names = ", ".join([*seen[:_MOST_NAMED], *(["…"] if len(seen) > _MOST_NAMED else [])])
    if len(seen) == len(heads):
        return Text("{names}", names=names)
    if not seen:
        return Text("measures of others")
    return Text("{names} and measures of others", names=names)


async def _links(
    session: WriteSession, identity: UUID, change: Change
) -> AsyncIterator[FieldError]:
    before, sheet, connection = change.before, change.sheet, session.connection
    old = before.links if before is not None else []
    if old == sheet.links:
        return
    dropped = superseded(before) - superseded(sheet) if before is not None else set()
    if left := await sheets.left_without_successor(connection, identity, dropped):
        text = Text(
            "{replaced} is replaced by this measure; the link (supersedes) must stay.",
            replaced=numbers_for(session.principal, left),
        )
        yield FieldError("/body/links", text)
        return
    wrong = False
    async for error in _targets(session, identity, sheet, {link.measure for link in old}):
        wrong = True
        yield error
    async for error in _fates(session, identity, sheet, old):
        wrong = True
        yield error
    if wrong:
        return
    async for error in _circles(session, identity, sheet):
        yield error


async def _targets(
    session: WriteSession, identity: UUID, sheet: Sheet, kept: Collection[UUID]
) -> AsyncIterator[FieldError]:
    """Links lead to measures that the writer may read, or led there before him."""
    found = await entities.find_many(
        session.connection, MEASURE, {link.measure for link in sheet.links}
    )
    for position, link in enumerate(sheet.links):
        head = found.get(link.measure)
        readable = head is not None and MEASURE.readable(session.principal, head)
        known = head is not None and (readable or link.measure in kept)
        if link.measure == identity or not known:
            itself = Text("A measure does not link to itself.")
            text = itself if link.measure == identity else Text("There is no such measure.")
            yield FieldError(f"/body/links/{position}/measure", text)


async def _fates(
    session: WriteSession, identity: UUID, sheet: Sheet, old: Sequence[Link]
) -> AsyncIterator[FieldError]:
    """A link that decides about another measure is made, and taken away, by who may write that one
    too, or with its consent: its own sheet links to this one."""
    changed = [link for link in {*old} ^ {*sheet.links} if link.kind.binding]
    heads = await entities.find_many(
        session.connection, MEASURE, {link.measure for link in changed}
    )
    consenting = await sheets.linking(session.connection, identity)
    agreed = {head.id for head in consenting}
    for link in changed:
        head = heads.get(link.measure)
        if head is None or head.id in agreed or session.principal.may(Role.EDITOR, head.owner):
            continue
        place = f"/body/links/{sheet.links.index(link)}" if link in sheet.links else "/body/links"
        text = Text(
            "“{kind}” decides about another measure. Only who may write that one too sets or "
            "removes the link, or its own sheet links to this one.",
            kind=link.kind,
        )
        yield FieldError(place, text)


async def _circles(
    session: WriteSession, identity: UUID, sheet: Sheet
) -> AsyncIterator[FieldError]:
    for kind in LinkKind:
        targets = [link.measure for link in sheet.links if link.kind is kind]
        if not targets or not kind.directed:
            continue
        others = await sheets.edges(session.connection, kind, without=identity)
        found = circle(identity, targets, others)
        if found is not None:
            seen = await entities.readable_ones(
                session.connection, MEASURE, session.principal, set(found)
            )
            numbers = {i: head.number for i, head in seen.items()} | {identity: sheet.number}
            way = " → ".join(numbers.get(i, "…") for i in found)
            place = [(link.kind, link.measure) for link in sheet.links].index((kind, found[1]))
            text = Text("The link closes a circle: {way}.", way=way)
            yield FieldError(f"/body/links/{place}/measure", text)
