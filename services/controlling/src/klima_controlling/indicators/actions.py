"""Values of indicators: computed from balances, entered by hand, compared with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.codes import Boundary, Direction, IndicatorKind
from klima_controlling.context import Frame
from klima_controlling.formulas.inputs import LABELS
from klima_controlling.formulas.rules import names, parse
from klima_controlling.indicators import queries
from klima_controlling.indicators.model import (
    Comparison,
    Indicator,
    Value,
    compare,
    compute,
    refusal,
)
from klima_controlling.tables import metadata
from klima_controlling.upstream.actions import RegionState, optional, region_state
from klima_controlling.upstream.source import Fetched
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text
from klima_shared.service.concurrency import together

Row = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """An indicator of a region in a year: the value that counts, the computed one behind it, the
    comparison."""

    indicator: Indicator
    value: Value
    behind: Value | None
    comparison: Comparison | None


def no_indicator(code: str) -> Problem:
    return not_found(
        Text(f"Es gibt keinen Indikator „{code}“.", f'There is no indicator "{code}".')
    )


async def of_region(
    connection: AsyncConnection, frame: Frame, state: RegionState, year: int | None
) -> list[Shown]:
    """Every indicator for the balance year asked for (the newest by default). An entered value
    supersedes a computed one, which stays visible behind it.
    """
    document = _document(state, year)
    period = str(year or (document["year"] if document else frame.today().year))
    entered = {v.indicator: v for v in await queries.entered(connection, state.ags, period)}
    definitions = await queries.all_of(connection)
    others = await _municipalities(frame, state, int(period))
    found = []
    for indicator in definitions:
        computed = _computed(indicator, state, document, period)
        given = entered.get(indicator.code)
        value = given or computed
        comparison = None
        if others is not None and indicator.formula is not None:
            county = await _of_county(frame, indicator, int(period))
            values = {
                a: _computed(indicator, s, _document(s, int(period)), period).value
                for a, s in others.items()
            }
            comparison = compare(
                state.ags, values, {a: _size(s, int(period)) for a, s in others.items()}, county
            )
        found.append(
            Shown(
                indicator,
                value,
                computed if given and computed.value is not None else None,
                comparison,
            )
        )
    return found


def _document(state: RegionState, year: int | None) -> Mapping[str, Any] | None:
    if year is None:
        return state.latest
    return next((d for d in state.balances if d["year"] == year), None)


def _computed(
    indicator: Indicator, state: RegionState, document: Mapping[str, Any] | None, period: str
) -> Value:
    if document is None:
        value = compute(indicator, state.ags, period, {})
        if indicator.formula is None:
            return value
        reason = Text(
            f"Für {period} ist keine Bilanz veröffentlicht.",
            f"No balance is published for {period}.",
        )
        return Value(**{**value.__dict__, "reason": reason})
    value = compute(
        indicator, state.ags, period, state.inputs(document), document.get("data_quality")
    )
    versions = {
        "balance": {"id": document["id"], "year": document["year"], "version": document["version"]}
    }
    return Value(**{**value.__dict__, "versions": versions})


def _size(state: RegionState, year: int) -> tuple[float | None, float | None]:
    document = _document(state, year)
    inputs = state.inputs(document) if document else {}
    return inputs.get("population"), inputs.get("area_ha")


async def _municipalities(
    frame: Frame, state: RegionState, year: int
) -> dict[str, RegionState] | None:
    """The states of the county's municipalities; None for a region outside, or while they can't be
    had."""
    if frame.county_of(state.ags) is None:
        return None
    members = await optional(frame.balance.members(frame.county))
    if not isinstance(members, Fetched):
        return None

    async def one(ags: str) -> RegionState | None:
        if ags == state.ags:
            return state
        try:
            return await region_state(frame, ags, with_measures=False)
        except Problem:
            return None

    found = await together(*(one(m["ags"]) for m in members.data))
    return {s.ags: s for s in found if s is not None and _document(s, year) is not None}


async def _of_county(frame: Frame, indicator: Indicator, year: int) -> float | None:
    try:
        county = await region_state(frame, frame.county, with_measures=False)
    except Problem:
        return None
    return _computed(indicator, county, _document(county, year), str(year)).value


def checked(indicator: Indicator) -> Indicator:
    """422 for a formula that can't be read or names an input nobody knows."""
    if indicator.formula is not None:
        try:
            parse(indicator.formula)
        except TextError as error:
            raise invalid_at("/body/formula", error.text.de, error.text.en) from error
        unknown = [name for name in names(indicator.formula) if name not in LABELS]
        if unknown:
            known = ", ".join(sorted(LABELS))
            raise invalid_at(
                "/body/formula",
                f"Unbekannte Eingangsgröße: {', '.join(unknown)}. Bekannt sind: {known}.",
                f"Unknown input: {', '.join(unknown)}. Known are: {known}.",
            )
    return indicator


def definition(code: str, fields: Mapping[str, Any], revision: int = 1) -> Indicator:
    return checked(
        Indicator(
            code=code,
            name=Text(fields["name_de"], fields["name_en"]),
            kind=IndicatorKind(fields["kind"]),
            direction=Direction(fields["direction"]),
            revision=revision,
            **{
                n: fields[n]
                for n in (
                    "position",
                    "unit",
                    "definition",
                    "level",
                    "formula",
                    "normaliser",
                    "interval_months",
                    "owner",
                    "share",
                    "source",
                )
            },
        )
    )


def etag_of(code: str, revision: int) -> str:
    return revision_etag(f"indicator {code}", revision)


async def create(
    connection: WriteConnection, principal: Principal, frame: Frame, indicator: Indicator
) -> None:
    """409 for a code that is taken. Definitions are the county's: its managers write them."""
    principal.require(Role.MANAGER, frame.county)
    if not await queries.add(connection, indicator):
        raise conflict(
            Text(f"Den Indikator {indicator.code} gibt es schon.", f"{indicator.code} is taken.")
        )
    await audit.record(
        connection,
        metadata,
        principal,
        action="create",
        entity="indicator",
        entity_id=indicator.code,
        region=frame.county,
        after=queries.row_of(indicator),
    )


async def change(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    code: str,
    fields: Mapping[str, Any],
    match: IfMatch,
) -> Indicator:
    principal.require(Role.MANAGER, frame.county)
    row = await queries.find(connection, code, lock=True)
    if row is None:
        raise no_indicator(code)
    match.check(etag_of(code, row["revision"]))
    before = queries.of_row(row)
    after = definition(code, fields, row["revision"] + 1)
    await queries.change(connection, after)
    await audit.record(
        connection,
        metadata,
        principal,
        action="change",
        entity="indicator",
        entity_id=code,
        region=frame.county,
        before=queries.row_of(before),
        after=queries.row_of(after),
    )
    return after


async def enter(
    connection: WriteConnection, principal: Principal, code: str, fields: Mapping[str, Any]
) -> Row:
    """Store a value. 409 for a second value of a period without its revision, 422 for an impossible
    one."""
    row = await queries.find(connection, code, lock=True)
    if row is None:
        principal.require(Role.EDITOR)
        raise no_indicator(code)
    principal.require(Role.EDITOR, fields["region"])
    problem = refusal(queries.of_row(row), fields["value"])
    if problem is not None:
        raise invalid_at("/body/value", problem.de, problem.en)
    key = fields["organisation"] or fields["region"]
    latest = await queries.latest_revision(connection, code, key, fields["period"])
    given = fields["revision"]
    if (given or 1) != latest + 1:
        raise conflict(
            Text(
                f"Für {fields['period']} gibt es schon einen Wert (Fassung {latest}). Eine Berichtigung nennt "
                f"revision: {latest + 1}."
                if latest
                else "Der erste Wert eines Zeitraums hat die Fassung 1.",
                f"There is a value for {fields['period']} already (revision {latest}). A correction names "
                f"revision: {latest + 1}."
                if latest
                else "The first value of a period has revision 1.",
            ),
            revision=latest,
        )
    values = {
        "indicator": code,
        "key": key,
        "created_by": principal.subject,
        "revision": latest + 1,
        "boundary": (Boundary.ORGANISATION if fields["organisation"] else Boundary.TERRITORY).value,
        **{
            n: fields[n]
            for n in ("region", "period", "value", "quality", "state", "source", "note")
        },
    }
    added = await queries.add_value(connection, values)
    await audit.record(
        connection,
        metadata,
        principal,
        action="enter",
        entity="indicator_value",
        entity_id=added["id"],
        region=fields["region"],
        after=values,
    )
    return added
