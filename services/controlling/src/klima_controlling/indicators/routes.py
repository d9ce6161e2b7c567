"""Indicators: definitions, values, and a region's values beside those of others."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from klima_controlling.base.routes import CHECKED, AgsPath, CodePath, YearQuery, context_of
from klima_controlling.indicators import actions, queries
from klima_controlling.indicators.actions import Shown
from klima_controlling.indicators.model import StoredValue
from klima_controlling.indicators.queries import INDICATOR
from klima_controlling.indicators.shapes import (
    ComparisonAnswer,
    IndicatorAnswer,
    IndicatorBody,
    NewIndicator,
    NewValue,
    RegionIndicator,
    RegionIndicators,
    SimilarValue,
    ValueAnswer,
    indicator_answer,
)
from klima_controlling.upstream.actions import region_state
from klima_controlling.upstream.shapes import meta_of
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, Table, table_response, tabular
from klima_shared.formats.tables import read_columns
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.http.sorting import Order, sorting
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.dependencies import EditorWriter, ManagerChange, ManagerWriter

router = APIRouter(prefix="/v1", tags=["indicators"], dependencies=CHECKED)
_ORDER = sorting(
    "position",
    {"position": "its place in the list", "code": "its code", "changed_at": "when it was changed"},
)


@router.get(
    "/indicators", summary="The indicators and their formulas", responses=problem_responses(422)
)
async def list_indicators(
    read: Read,
    lang: RequestLanguage,
    page: Paging,
    order: Annotated[Order, _ORDER],
    modified_since: ModifiedSince = None,
) -> Page[IndicatorAnswer]:
    """`formula` null means that values are entered by hand."""
    after = check_key(page.after, *queries.ORDERS[order.name])
    rows = await queries.listing(
        read, order, limit=page.limit + 1, after=after, modified_since=modified_since
    )
    return page.answer(rows, queries.order_key(order), lambda row: indicator_answer(row, lang))


@router.post(
    "/indicators",
    summary="Define an indicator",
    **creating(IndicatorAnswer, 400, 401, 403, 409, 422),
)
async def create_indicator(
    request: Request,
    body: NewIndicator,
    writer: ManagerWriter,
    lang: RequestLanguage,
    idempotency: Idempotency,
) -> Response:
    async def action() -> Created:
        indicator = actions.definition(body.code, body.model_dump(mode="json"))
        row = await actions.create(writer, context_of(request), indicator)
        location, etag = f"/v1/indicators/{body.code}", INDICATOR.etag(row)
        return Created(indicator_answer(row, lang), location=location, etag=etag)

    return await idempotency.run(writer.connection, action)


@router.get("/indicators/{code}", summary="One indicator", responses=problem_responses(404, 422))
async def get_indicator(
    code: CodePath, response: Response, read: Read, lang: RequestLanguage
) -> IndicatorAnswer:
    row = await entities.get(read, INDICATOR, code)
    response.headers["ETag"] = INDICATOR.etag(row, lang)
    return indicator_answer(row, lang)


@router.put(
    "/indicators/{code}",
    summary="Change the definition of an indicator",
    responses=problem_responses(400, 401, 403, 404, 412, 422, 428),
)
async def replace_indicator(
    request: Request,
    response: Response,
    code: CodePath,
    body: IndicatorBody,
    lang: RequestLanguage,
    writer: ManagerChange,
) -> IndicatorAnswer:
    row = await actions.change(writer, context_of(request), code, body.model_dump(mode="json"))
    response.headers["ETag"] = INDICATOR.etag(row)
    return indicator_answer(row, lang)


def _value(row: StoredValue) -> ValueAnswer:
    return ValueAnswer.model_validate(row, from_attributes=True)


@router.get(
    "/indicators/{code}/values",
    summary="Entered values with all their revisions",
    responses=problem_responses(404, 422),
)
async def list_values(
    code: CodePath,
    read: Read,
    page: Paging,
    region: Annotated[Ags | None, Query(examples=["05974040"])] = None,
    organisation: Annotated[str | None, Query(max_length=60)] = None,
    period: Annotated[str | None, Query(max_length=7, examples=["2021"])] = None,
    modified_since: ModifiedSince = None,
) -> Page[ValueAnswer]:
    """A correction is a new revision; the one before it stays. Computed values are at
    `/v1/regions/{ags}/indicators`."""
    await entities.get(read, INDICATOR, code)
    wanted = queries.ValueFilter(organisation or region, period, modified_since)
    after = check_key(page.after, int)
    rows = await queries.values(read, code, wanted, limit=page.limit + 1, after=after)
    return page.answer(rows, ["id"], _value)


@router.post(
    "/indicators/{code}/values",
    summary="Enter a value",
    **creating(ValueAnswer, 400, 401, 403, 404, 409, 422),
)
async def create_value(
    code: CodePath, body: NewValue, writer: EditorWriter, idempotency: Idempotency
) -> Response:
    """One value per period and revision; a share over 100 % is refused."""

    async def action() -> Created:
        row = await actions.enter(writer, code, body.model_dump(mode="json"))
        return Created(_value(row))

    return await idempotency.run(writer.connection, action)


@router.get(
    "/regions/{ags}/indicators",
    summary="All indicators of a region",
    **tabular(RegionIndicators, 404, 422, 503),
)
async def get_region_indicators(
    request: Request,
    ags: AgsPath,
    read: Read,
    lang: RequestLanguage,
    form: RequestedFormat,
    year: YearQuery = None,
) -> RegionIndicators | Response:
    """With what each value was computed from, the county's own value, the unweighted mean of the
    municipalities and the most similar ones."""
    context = context_of(request)
    state = await region_state(context, ags)
    known = await actions.recorded(read, context, state, year)
    found = await actions.of_region(context, state, known)
    items = [_shown(one, lang) for one in found]
    if form is not Format.JSON:
        return await table_response(_table(ags, state.region["name"], items), form, lang)
    period = items[0].period if items else str(year or "")
    return RegionIndicators(
        region={n: state.region[n] for n in ("ags", "name", "kind")},
        period=period,
        year=period,
        items=items,
        stale_since=state.stale_since,
        meta=meta_of(state, context, lang),
    )


def _shown(one: Shown, lang: Lang) -> RegionIndicator:
    i, v, c = one.indicator, one.value, one.comparison
    return RegionIndicator(
        code=i.code,
        name=i.name.get(lang),
        unit=i.unit,
        kind=i.kind,
        direction=i.direction,
        period=v.period,
        value=v.value,
        origin=v.origin.value,
        quality=v.quality,
        state=v.state,
        revision=v.revision,
        reason=v.reason.get(lang) if v.reason else None,
        formula=i.formula,
        inputs=dict(v.inputs),
        versions=dict(v.versions),
        computed=one.behind.value if one.behind else None,
        comparison=ComparisonAnswer(
            county=c.county_value,
            unweighted_mean=c.mean,
            mean=c.mean,
            counted=c.counted,
            expected=c.expected,
            similar=[SimilarValue(ags=a, value=x) for a, x in c.similar],
        )
        if c
        else None,
    )


COLUMNS = read_columns("klima_controlling", "indicators")


def _table(ags: str, name: str, items: list[RegionIndicator]) -> Table:
    rows = [
        [
            ags,
            i.code,
            i.name,
            i.period,
            i.value,
            i.unit,
            i.origin,
            i.quality,
            i.state.value,
            i.revision,
            i.comparison.county if i.comparison else None,
            i.comparison.unweighted_mean if i.comparison else None,
            i.reason,
        ]
        for i in items
    ]
    return Table(f"indikatoren-{ags}", Text("Indicators {name}", name=name), COLUMNS, rows)
