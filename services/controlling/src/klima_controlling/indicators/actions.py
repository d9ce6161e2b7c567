"""Values of indicators: computed from balances, entered by hand, compared with others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.actions import Context, require_organisation
from klima_controlling.base.model import Boundary
from klima_controlling.base.queries import Row
from klima_controlling.formulas.inputs import LABELS
from klima_controlling.formulas.rules import check
from klima_controlling.indicators import queries
from klima_controlling.indicators.model import (
    Comparison,
    Indicator,
    StoredIndicator,
    StoredValue,
    Value,
    compare,
    compute,
    refusal,
)
from klima_controlling.indicators.queries import INDICATOR, VALUE
from klima_controlling.upstream.actions import optional, region_state
from klima_controlling.upstream.model import RegionState
from klima_shared.codes.access import Role
from klima_shared.http.problems import Problem, conflict, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions import writing as kit
from klima_shared.revisions.writing import Writer
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
            check(indicator.formula, LABELS)
        except InputError as error:
            raise invalid_at("/body/formula", error.text) from error
    return indicator


def definition(code: str, fields: Row, revision: int = 1) -> Indicator:
    """`fields`: those of a body, by the names of the columns."""
    return checked(queries.indicator_of({**fields, "code": code, "revision": revision}))


async def create(writer: Writer, context: Context, indicator: Indicator) -> StoredIndicator:
    """409 for a code that is taken. Definitions are the county's: its managers write them."""
    writer.require(Role.MANAGER, context.county)
    row = await add(writer, context.county, indicator, "create")
    if row is None:
        raise conflict(Text("{code} is taken.", code=indicator.code))
    return row


async def add(
    writer: Writer, county: str, indicator: Indicator, action: str
) -> StoredIndicator | None:
    """None where the code is taken."""
    values = {**queries.row_of(indicator), **INDICATOR.authors(writer.principal.subject)}
    row = await entities.insert_unless_there(writer.connection, INDICATOR, values, ["code"])
    if row is not None:
        after = INDICATOR.content(row)
        await writer.record(action, INDICATOR.name, row.code, region=county, after=after)
    return row


async def change(writer: Writer, context: Context, code: str, fields: Row) -> StoredIndicator:
    writer.require(Role.MANAGER, context.county)
    before = await _locked(writer, code)
    writer.check_version(INDICATOR.etag(before))
    values = queries.row_of(definition(code, fields, before.revision + 1))
    subject = writer.principal.subject
    row = await entities.update(writer.connection, INDICATOR, (code,), subject, values)
    await writer.record(
        "change",
        INDICATOR.name,
        code,
        region=context.county,
        before=INDICATOR.content(before),
        after=INDICATOR.content(row),
    )
    return row


async def _locked(writer: Writer, code: str) -> StoredIndicator:
    row = await entities.find(writer.connection, INDICATOR, code, lock=True)
    if row is None:
        raise INDICATOR.missing(code)
    return row


async def enter(writer: Writer, code: str, fields: Row) -> StoredValue:
    """Store a value. 409 for a second value of a period without its revision, 422 for an impossible
    one."""
    row = await _locked(writer, code)
    writer.require(Role.EDITOR, fields["region"])
    if fields["organisation"]:
        organisation = fields["organisation"]
        await require_organisation(writer, Role.EDITOR, organisation, fields["region"])
    problem = refusal(queries.indicator_of(row), fields["value"])
    if problem is not None:
        raise invalid_at("/body/value", problem)
    key = fields["organisation"] or fields["region"]
    latest = await queries.latest_revision(writer.connection, code, key, fields["period"])
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
        "revision": latest + 1,
        "boundary": (Boundary.ORGANISATION if fields["organisation"] else Boundary.TERRITORY).value,
        **{
            name: fields[name]
            for name in ("region", "period", "value", "quality", "state", "source", "note")
        },
    }
    return await kit.create(writer, VALUE, values, action="enter")
