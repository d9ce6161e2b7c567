"""Routes of lists, counts and sums of measures, and of the roll-up of a strategy."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Request, Response

from klima_measures.base.actions.session import ReadSession
from klima_measures.base.model.context import beginning
from klima_measures.base.routes import Reading, regions_of
from klima_measures.base.rules import PUBLIC, Reader, reader_of
from klima_measures.catalogue.actions import exports, lists
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries import sums as counts
from klima_measures.catalogue.queries.listing import Filters
from klima_measures.catalogue.routes.filters import AskedFilters, AskedOrder
from klima_measures.catalogue.shapes import (
    COST_COLUMNS,
    SAVING_COLUMNS,
    CostSum,
    CostSums,
    Facets,
    FacetValue,
    FieldOfActionAnswer,
    FieldsOfAction,
    ListedMeasure,
    MeasurePage,
    RolledUp,
    SavingSum,
    SavingSums,
    listed,
)
from klima_measures.registers import actions as registers
from klima_measures.registers.model import RegisterKind
from klima_measures.sheets.actions.reading import Version
from klima_measures.sheets.model.codes import CostKind
from klima_measures.sheets.routes.measures import VersionParam
from klima_measures.sheets.rules.sums import Sums
from klima_measures.sheets.shapes import meta_of
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.database.connections import ReadConnection
from klima_shared.formats import Column, Format, RequestedFormat, Table, table_response, tabular
from klima_shared.http.auth import Caller
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Paging, check_key, encode_cursor
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

router = APIRouter(prefix="/v1", tags=["measures"])
sums_router = APIRouter(prefix="/v1", tags=["sums"])


@router.get("/fields-of-action", summary="The fields of action with their number of measures")
async def list_fields_of_action(session: Reading, lang: RequestLanguage) -> FieldsOfAction:
    filters = Filters(today=session.context.today())
    found = await counts.field_counts(session.connection, filters, reader_of(session.principal))
    labels = session.context.fields.labels(lang)
    items = [
        FieldOfActionAnswer(code=code, label=label, rank=rank, measures=found.get(code, 0))
        for rank, (code, label) in enumerate(labels.items())
    ]
    return FieldsOfAction(items=items)


async def _known(request: Request, _caller: Caller, filters: AskedFilters) -> Filters:
    """The filters; 422 for a region that nobody knows. A route names them before its session: no
    connection is held while the balance service is asked."""
    if filters.regions:
        lists.check_regions(await regions_of(request, filters.regions), filters)
    return filters


KnownFilters = Annotated[Filters, Depends(_known)]


def _reader(session: ReadSession, version: Version | None) -> Reader:
    """Whose working revisions are listed."""
    return PUBLIC if version == "published" else reader_of(session.principal)


class Selection(NamedTuple):
    """The measures that counts and sums are asked of, and who asks."""

    session: ReadSession
    filters: Filters
    reader: Reader
    lang: Lang
    fields: dict[str, str]
    """Labels of the fields of action."""

    @property
    def measures(self) -> tuple[ReadConnection, Filters, Reader]:
        return self.session.connection, self.filters, self.reader


async def _selection(
    lang: RequestLanguage, filters: KnownFilters, session: Reading, version: VersionParam = None
) -> Selection:
    reader = _reader(session, version)
    return Selection(session, filters, reader, lang, session.context.fields.labels(lang))


Selected = Annotated[Selection, Depends(_selection)]


@router.get("/measures", summary="Measures, filtered and sorted", **tabular(MeasurePage, 401, 422))
async def list_measures(
    response: Response,
    lang: RequestLanguage,
    paging: Paging,
    filters: KnownFilters,
    order: AskedOrder,
    form: RequestedFormat,
    session: Reading,
    version: VersionParam = None,
) -> Response:
    """The published measures; those who may read drafts see the working revisions of their regions
    instead.

    As CSV or Excel the answer holds all measures the filters leave, not one page; the Excel file
    can be edited and imported again (`POST /v1/measures/imports`).
    """
    reader = _reader(session, version)
    if form is not Format.JSON:
        table = await exports.catalogue_table(session, filters, reader, lang)
        return await table_response(table, form, lang)
    after = check_key(paging.after, *listing.ORDERS[order.name], UUID)
    limit = paging.limit
    page = await listing.page(
        session.connection, filters, reader, order, limit=limit + 1, after=after
    )
    cursor = encode_cursor(page.keys[limit - 1]) if len(page.rows) > limit else None
    paging.link(cursor)
    response.headers["Content-Language"] = lang
    rows = page.rows[:limit]
    latest = max((row.changed_at for row in rows), default=beginning(filters.today))
    meta = meta_of(latest, example=any(row.example for row in rows)).model_dump(mode="json")
    items = listed(rows, session.context, lang)
    body = orjson.dumps({"items": items, "next": cursor, "total": page.total, "meta": meta})
    return Response(body, headers=dict(response.headers), media_type="application/json")


@router.get(
    "/measures/facets",
    summary="How many measures there are by field, phase, status, ...",
    responses=problem_responses(401, 422),
)
async def count_measures(selected: Selected) -> Facets:
    total, counted = await lists.count_facets(
        *selected.measures, fields=selected.fields, lang=selected.lang
    )
    facets = {
        name: [FacetValue(value=row.value, label=row.label, count=row.n) for row in rows]
        for name, rows in counted.items()
    }
    return Facets(total=total, facets=facets)


def _table(
    name: str,
    title: Label | Text,
    columns: Sequence[Column],
    rows: Iterable[CostSum | SavingSum],
    *,
    example: bool,
) -> Table:
    cells = [[getattr(row, column.name) for column in columns] for row in rows]
    return Table(name, title, columns, cells, exports.about(example=example))


@sums_router.get(
    "/costs", summary="Costs by year, field of action and kind", **tabular(CostSums, 401, 422)
)
async def list_costs(selected: Selected, form: RequestedFormat) -> CostSums | Response:
    found, fields, lang = await lists.costs(*selected.measures), selected.fields, selected.lang
    items = [
        CostSum(
            **row._asdict(),
            field_label=fields.get(row.field, row.field),
            kind_label=CostKind(row.kind).label(lang),
        )
        for row in found.rows
    ]
    example = any(row.example for row in found.rows)
    if form is not Format.JSON:
        title = Label("Kosten nach Jahr und Handlungsfeld", "Costs by year and field of action")
        table = _table("kosten", title, COST_COLUMNS, items, example=example)
        return await table_response(table, form, lang)
    return CostSums(
        items=items,
        measures=found.measures,
        measures_without_costs=found.without,
        meta=meta_of(await lists.latest(*selected.measures), example=example),
    )


def _savings(
    sums: Sums, names: Sequence[str], fields: dict[str, str], lang: Lang | None = None
) -> list[SavingSum]:
    """With a language sector and carrier are written as people call them, for tables."""
    found = []
    for key, total in sums.items():
        by: dict[str, Any] = dict(zip(names, key, strict=True))
        label = fields.get(by["field"], by["field"]) if by.get("field") else None
        for name, codes in (("sector", Sector), ("carrier", Carrier)):
            if lang and by.get(name):
                by[name] = codes(by[name]).label(lang)
        figures = {**vars(total), "measures": len(total.measures)}
        found.append(SavingSum(**by, **figures, field_label=label))
    return found


@sums_router.get(
    "/savings",
    summary="Savings by year, field, sector and carrier; overlapping ones counted once",
    **tabular(SavingSums, 401, 422),
)
async def list_savings(selected: Selected, form: RequestedFormat) -> SavingSums | Response:
    found, fields, lang = await lists.savings(*selected.measures), selected.fields, selected.lang
    names = ("year", "field", "sector", "carrier", "affects_bisko")
    if form is not Format.JSON:
        title = Label("Einsparungen je Jahr", "Savings a year")
        items = _savings(found.by, names, fields, lang)
        table = _table("einsparungen", title, SAVING_COLUMNS, items, example=found.example)
        return await table_response(table, form, lang)
    latest = await lists.latest(*selected.measures)
    return SavingSums(
        items=_savings(found.by, names, fields),
        totals=_savings(found.totals, ("year", "affects_bisko"), fields),
        measures=found.measures,
        measures_not_quantified=found.without,
        meta=meta_of(latest, example=found.example),
    )


@sums_router.get(
    "/strategies/{strategy_id}/rollup",
    summary="The states of a strategy's measures",
    responses=problem_responses(401, 404, 422),
)
async def get_strategy_rollup(
    session: Reading, lang: RequestLanguage, strategy_id: UUID, version: VersionParam = None
) -> RolledUp:
    reader = PUBLIC if version == "published" else reader_of(session.principal)
    strategy = await registers.find(session, RegisterKind.STRATEGY, strategy_id)
    filters = Filters(today=session.context.today(), strategy=strategy_id)
    rows = (await listing.page(session.connection, filters, reader, limit=lists.MOST)).rows
    return RolledUp(
        id=strategy.id,
        code=strategy.code,
        title=strategy.title,
        total=len(rows),
        phases=Counter(row.phase for row in rows),
        statuses=Counter(row.status for row in rows),
        measures=[ListedMeasure(**item) for item in listed(rows, session.context, lang)],
    )
