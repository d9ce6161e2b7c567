"""Values of indicators: computed from balances, entered by hand, compared with others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.actions import Context
from klima_controlling.base.model import Boundary
from klima_controlling.base.queries import Row, add, record
from klima_controlling.base.tables import metadata
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
from klima_controlling.indicators.tables import indicator_value
from klima_controlling.upstream.actions import optional, region_state
from klima_controlling.upstream.model import RegionState
from klima_shared.codes.access import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text
from klima_shared.service.concurrency import results
from klima_shared.upstream.model import Cached


@dataclass(frozen=True)
class Shown:
    """An indicator of a region in a year: the value that counts, the computed one behind it, the
    comparison."""

    indicator: Indicator
    value: Value
    behind: Value | None
    comparison: Comparison | None


def no_indicator(code: str) -> Problem:
    return not_found(Text('There is no indicator "{code}".', code=code))


@dataclass(frozen=True)
class Recorded:
    """What is recorded here of a region and period: read at once, so that no connection waits for
    another service."""

    period: str
    definitions: Sequence[Indicator]
    entered: Mapping[str, Value]  # by the indicator's code


async def recorded(
    connection: AsyncConnection, context: Context, state: RegionState, year: int | None
) -> Recorded:
    """For the balance year asked for, the newest by default."""
    document = state.of_year(year)
    period = str(year or (document["year"] if document else context.today().year))
    entered = await queries.entered(connection, state.ags, period)
    return Recorded(
        period, await queries.all_of(connection), {value.indicator: value for value in entered}
    )


async def of_region(context: Context, state: RegionState, known: Recorded) -> list[Shown]:
    """Every indicator of a period. An entered value supersedes a computed one, which stays visible
    behind it.
    """
    year, county = int(known.period), None
    others = await _municipalities(context, state, year)
    if others is not None:
        county = await _of_county(context)
    return [_shown(indicator, state, known, others, county) for indicator in known.definitions]


def _shown(
    indicator: Indicator,
    state: RegionState,
    known: Recorded,
    others: Mapping[str, RegionState] | None,
    county: RegionState | None,
) -> Shown:
    period, year = known.period, int(known.period)
    computed = _computed(indicator, state, period)
    entered = known.entered.get(indicator.code)
    behind = computed if entered and computed.value is not None else None
    comparison = None
    if others is not None and indicator.formula is not None:
        values = {ags: _computed(indicator, other, period).value for ags, other in others.items()}
        sizes = {ags: _size(other, year) for ags, other in others.items()}
        whole = _computed(indicator, county, period).value if county else None
        comparison = compare(state.ags, values, sizes, whole)
    return Shown(indicator, entered or computed, behind, comparison)


def _computed(indicator: Indicator, state: RegionState, period: str) -> Value:
    document = state.of_year(int(period))
    if document is None:
        value = compute(indicator, state.ags, period, {})
        if indicator.formula is None:
            return value
        reason = Text("No balance is published for {period}.", period=period)
        return replace(value, reason=reason)
    inputs, quality = state.inputs(document), document.get("data_quality")
    versions = {name: document[name] for name in ("id", "year", "version")}
    value = compute(indicator, state.ags, period, inputs, quality)
    return replace(value, versions={"balance": versions})


def _size(state: RegionState, year: int) -> tuple[float | None, float | None]:
    document = state.of_year(year)
    inputs = state.inputs(document) if document else {}
    return inputs.get("population"), inputs.get("area_ha")


async def _municipalities(
    context: Context, state: RegionState, year: int
) -> dict[str, RegionState] | None:
    """The states of the county's municipalities; None for a region outside, or while they can't be
    had."""
    if context.county_of(state.ags) is None:
        return None
    members = await optional(context.balance.members(context.county))
    if not isinstance(members, Cached):
        return None

    async def one(ags: str) -> RegionState | None:
        if ags == state.ags:
            return state
        try:
            return await region_state(context, ags, with_measures=False)
        except Problem:
            return None

    found = await results(one(member["ags"]) for member in members.data)
    return {s.ags: s for s in found if s is not None and s.of_year(year) is not None}


async def _of_county(context: Context) -> RegionState | None:
    try:
        return await region_state(context, context.county, with_measures=False)
    except Problem:
        return None


def checked(indicator: Indicator) -> Indicator:
    """422 for a formula that can't be read or names an input nobody knows."""
    if indicator.formula is not None:
        try:
            parse(indicator.formula)
        except TextError as error:
            raise invalid_at("/body/formula", error.text) from error
        unknown = [name for name in names(indicator.formula) if name not in LABELS]
        if unknown:
            known = ", ".join(sorted(LABELS))
            raise invalid_at(
                "/body/formula",
                Text(
                    "Unknown input: {unknown}. Known are: {known}.",
                    unknown=", ".join(unknown),
                    known=known,
                ),
            )
    return indicator


def definition(code: str, fields: Row, revision: int = 1) -> Indicator:
    """`fields`: those of a body, by the names of the columns."""
    return checked(queries.indicator_of({**fields, "code": code, "revision": revision}))


def etag_of(code: str, revision: int) -> str:
    return revision_etag(f"indicator {code}", revision)


async def create(
    connection: WriteConnection, principal: Principal, context: Context, indicator: Indicator
) -> None:
    """409 for a code that is taken. Definitions are the county's: its managers write them."""
    principal.require(Role.MANAGER, context.county)
    if not await queries.add(connection, indicator):
        raise conflict(Text("{code} is taken.", code=indicator.code))
    await _record(connection, principal, "create", context.county, queries.row_of(indicator))


async def _record(
    connection: WriteConnection,
    principal: Principal,
    action: str,
    region: str,
    after: Row,
    before: Row | None = None,
) -> None:
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity="indicator",
        entity_id=after["code"],
        region=region,
        before=before,
        after=after,
    )


async def change(
    connection: WriteConnection,
    principal: Principal,
    context: Context,
    code: str,
    fields: Row,
    match: IfMatch,
) -> Indicator:
    principal.require(Role.MANAGER, context.county)
    row = await queries.find(connection, code, lock=True)
    if row is None:
        raise no_indicator(code)
    match.check(etag_of(code, row["revision"]))
    after = definition(code, fields, row["revision"] + 1)
    await queries.change(connection, after)
    before = queries.row_of(queries.indicator_of(row))
    await _record(connection, principal, "change", context.county, queries.row_of(after), before)
    return after


async def enter(connection: WriteConnection, principal: Principal, code: str, fields: Row) -> Row:
    """Store a value. 409 for a second value of a period without its revision, 422 for an impossible
    one."""
    row = await queries.find(connection, code, lock=True)
    if row is None:
        principal.require(Role.EDITOR)
        raise no_indicator(code)
    principal.require(Role.EDITOR, fields["region"])
    problem = refusal(queries.indicator_of(row), fields["value"])
    if problem is not None:
        raise invalid_at("/body/value", problem)
    key = fields["organisation"] or fields["region"]
    latest = await queries.latest_revision(connection, code, key, fields["period"])
    given = fields["revision"]
    if (given or 1) != latest + 1:
        raise conflict(
            Text(
                "There is a value for {period} already (revision {latest}). A correction names "
                "revision: {next}.",
                period=fields["period"],
                latest=latest,
                next=latest + 1,
            )
            if latest
            else Text("The first value of a period has revision 1."),
            revision=latest,
        )
    values = {
        "indicator": code,
        "key": key,
        "created_by": principal.subject,
        "revision": latest + 1,
        "boundary": (Boundary.ORGANISATION if fields["organisation"] else Boundary.TERRITORY).value,
        **{
            name: fields[name]
            for name in ("region", "period", "value", "quality", "state", "source", "note")
        },
    }
    added = await add(connection, indicator_value, values)
    await record(connection, principal, "enter", "indicator_value", added)
    return added
