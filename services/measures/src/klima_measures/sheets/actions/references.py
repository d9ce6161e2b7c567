"""What a sheet refers to must be there: field, regions, programmes, strategy, quarter, other
measures; no circles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from klima_measures.base.actions.context import Frame
from klima_measures.registers import queries as registers
from klima_measures.sheets.model.codes import FundingState, LinkKind
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import measures
from klima_measures.sheets.rules.links import circle
from klima_measures.upstream.balance import BalancePending
from klima_shared.database.connections import WriteConnection
from klima_shared.http.problems import FieldError, invalid
from klima_shared.language.text import Label, Text


async def check(
    connection: WriteConnection, frame: Frame, identity: UUID, sheet: Sheet, before: Sheet | None
) -> None:
    """422 with every place that refers to nothing, to something expired, or back to the measure
    itself."""
    errors: list[FieldError] = []
    if sheet.field not in frame.fields.codes():
        known = ", ".join(frame.fields.codes())
        errors.append(
            _error(
                "/body/field",
                Text("There is no such field of action; possible: {known}.", known=known),
            )
        )
    errors += await _regions(connection, frame, sheet)
    errors += await _programmes(connection, sheet, before, frame.today())
    errors += await _parents(connection, sheet)
    errors += await _links(connection, identity, sheet, before)
    if errors:
        many = Text("{count} values are invalid.", count=len(errors))
        raise invalid(errors[0].detail if len(errors) == 1 else many, *errors)


def _error(pointer: str, text: Text) -> FieldError:
    return FieldError(pointer, text)


async def unknown_regions(connection: Any, frame: Frame, regions: Sequence[str]) -> list[str]:
    """Keys that no region has, as far as our copy of the registry and the balance service can
    tell."""
    names = await measures.region_names(connection)
    unknown: list[str] = []
    for ags in regions:
        if ags in names or ags == frame.county:
            continue
        try:
            if await frame.balance.region(ags) is None:
                unknown.append(ags)
        except BalancePending:
            # Only inside counties whose members we know can we tell that a key is wrong.
            if any(name[:5] == ags[:5] and not name.endswith("000") for name in names):
                unknown.append(ags)
    return unknown


async def _regions(connection: WriteConnection, frame: Frame, sheet: Sheet) -> list[FieldError]:
    unknown = await unknown_regions(connection, frame, sheet.regions)
    return [
        _error(
            f"/body/regions/{sheet.regions.index(ags)}",
            # The balance service's wording of the same message is another one.
            Label(
                f"Ein Gebiet mit dem Schlüssel {ags} gibt es nicht.",
                f"There is no region with the key {ags}.",
            ),
        )
        for ags in unknown
    ]


async def _programmes(
    connection: WriteConnection, sheet: Sheet, before: Sheet | None, today: date
) -> list[FieldError]:
    """Programmes are in the register; an expired one is refused for what is still to be applied
    for.

    A row that was there before stays: time passing must not make a sheet unsavable.
    """
    if not sheet.funding:
        return []
    known = await registers.find_many(
        connection, "funding_programme", {row.programme for row in sheet.funding}
    )
    kept = {row.programme for row in before.funding} if before else set()
    errors: list[FieldError] = []
    for position, row in enumerate(sheet.funding):
        place = f"/body/funding/{position}/programme"
        programme = known.get(row.programme)
        if programme is None:
            errors.append(_error(place, Text("This programme is not in the register.")))
            continue
        expired = programme["valid_to"] is not None and programme["valid_to"] < today
        if (
            expired
            and row.programme not in kept
            and row.state in {FundingState.IDEA, FundingState.APPLIED}
        ):
            end = programme["valid_to"]
            errors.append(_error(place, Text("The programme expired on {end}.", end=end)))
    return errors


async def _parents(connection: WriteConnection, sheet: Sheet) -> list[FieldError]:
    errors: list[FieldError] = []
    if sheet.strategy is not None and not await registers.find_many(
        connection, "strategy", {sheet.strategy}
    ):
        errors.append(_error("/body/strategy", Text("There is no such strategy.")))
    if sheet.quarter is not None:
        found = (await registers.find_many(connection, "quarter", {sheet.quarter})).get(
            sheet.quarter
        )
        if found is None:
            errors.append(_error("/body/quarter", Text("There is no such quarter.")))
        elif found["region"] not in sheet.regions:
            errors.append(
                _error("/body/quarter", Text("The quarter does not lie in the municipality named."))
            )
    return errors


def superseded(sheet: Sheet) -> set[UUID]:
    """The measures that a sheet takes the place of."""
    return {link.measure for link in sheet.links if link.kind is LinkKind.SUPERSEDES}


async def _links(
    connection: WriteConnection, identity: UUID, sheet: Sheet, before: Sheet | None
) -> list[FieldError]:
    if before is not None and before.links == sheet.links:
        return []
    dropped = superseded(before) - superseded(sheet) if before is not None else set()
    if left := await measures.left_without_successor(connection, identity, dropped):
        replaced = ", ".join(left)
        return [
            _error(
                "/body/links",
                Text(
                    "{replaced} is replaced by this measure; the link (supersedes) must stay.",
                    replaced=replaced,
                ),
            )
        ]
    known = await measures.heads(connection, {link.measure for link in sheet.links})
    errors: list[FieldError] = []
    for position, link in enumerate(sheet.links):
        if link.measure == identity:
            errors.append(
                _error(
                    f"/body/links/{position}/measure", Text("A measure does not link to itself.")
                )
            )
        elif link.measure not in known:
            errors.append(
                _error(f"/body/links/{position}/measure", Text("There is no such measure."))
            )
    if errors:
        return errors
    for kind in LinkKind:
        targets = [link.measure for link in sheet.links if link.kind is kind]
        if not targets or not kind.directed:
            continue
        found = circle(
            identity, targets, await measures.edges(connection, kind.value, without=identity)
        )
        if found is not None:
            names = await measures.heads(connection, set(found))
            way = " → ".join(names[i]["number"] if i in names else sheet.number for i in found)
            place = next(
                i
                for i, link in enumerate(sheet.links)
                if link.kind is kind and link.measure == found[1]
            )
            errors.append(
                _error(
                    f"/body/links/{place}/measure",
                    Text("The link closes a circle: {way}.", way=way),
                )
            )
    return errors
