"""The query parameters of lists of measures."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from klima_measures.base.model.context import FieldCode
from klima_measures.base.routes import context_of
from klima_measures.catalogue.queries.listing import ORDERS, Filters, Order
from klima_measures.sheets.model.codes import Editorial, Horizon, Level, MeasureType, Priority
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.codes.quantities import YearParam
from klima_shared.codes.regions import Ags
from klima_shared.http.paging import ModifiedSince
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text

_ORDER_NAMES = ", ".join(ORDERS)
_COST = "EUR; of what falls due once and what every year, the larger one"
Euro = Annotated[Decimal, Query(ge=0, le=10**13, max_digits=16, decimal_places=2)]
Codes = Annotated[
    list[FieldCode] | None, Query(description="codes of fields of action", max_length=20)
]
Regions = Annotated[
    list[Ags] | None,
    Query(
        description="AGS: measures of the region and those it takes part in",
        max_length=20,
        examples=[["05974040"]],
    ),
]
EditorialStates = Annotated[
    list[Editorial] | None, Query(max_length=10, description="default: all but archived")
]
Saving = Annotated[float | None, Query(allow_inf_nan=False, description="t CO2e a year")]
FullText = Annotated[
    str | None,
    Query(
        max_length=200,
        description=(
            "full text in German; ue and ü are the same; also finds compounds that begin "
            "or end with a word"
        ),
        examples=["Wärmeplanung"],
    ),
]


def _filters(
    request: Request,
    modified_since: ModifiedSince = None,
    field: Codes = None,
    region: Regions = None,
    level: Annotated[list[Level] | None, Query(max_length=10)] = None,
    type: Annotated[list[MeasureType] | None, Query(max_length=10)] = None,  # noqa: A002
    phase: Annotated[list[Phase] | None, Query(max_length=20)] = None,
    status: Annotated[list[MeasureStatus] | None, Query(max_length=10)] = None,
    priority: Annotated[list[Priority] | None, Query(max_length=10)] = None,
    horizon: Annotated[list[Horizon] | None, Query(max_length=10)] = None,
    editorial: EditorialStates = None,
    intermunicipal: bool | None = None,
    example: bool | None = None,
    concept: Annotated[str | None, Query(max_length=40)] = None,
    strategy: UUID | None = None,
    quarter: UUID | None = None,
    year: Annotated[YearParam | None, Query(description="under way in this year")] = None,
    cost_min: Annotated[Euro | None, Query(description=_COST)] = None,
    cost_max: Annotated[Euro | None, Query(description=_COST)] = None,
    saving_min: Saving = None,
    saving_max: Saving = None,
    q: FullText = None,
) -> Filters:
    context = context_of(request)
    for position, code in enumerate(field or ()):
        if code not in context.fields.codes():
            known = ", ".join(context.fields.codes())
            raise invalid_at(
                f"/query/field/{position}",
                Text("There is no such field of action; possible: {known}.", known=known),
            )
    return Filters(
        today=context.today(),
        fields=tuple(field or ()),
        regions=tuple(region or ()),
        levels=_codes(level),
        types=_codes(type),
        phases=_codes(phase),
        statuses=_codes(status),
        priorities=_codes(priority),
        horizons=_codes(horizon),
        editorial=_codes(editorial),
        intermunicipal=intermunicipal,
        example=example,
        concept=concept,
        strategy=strategy,
        quarter=quarter,
        year=year,
        cost_min=cost_min,
        cost_max=cost_max,
        saving_min=saving_min,
        saving_max=saving_max,
        q=(q or "").replace("\x00", "").strip() or None,
        modified_since=modified_since,
    )


def _codes(members: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(str(member) for member in members or ())


AskedFilters = Annotated[Filters, Depends(_filters)]


def _order(
    sort: Annotated[
        str | None,
        Query(
            max_length=20,
            description=(
                f"one of {_ORDER_NAMES}; with - before it descending. Default: field, with q "
                "relevance"
            ),
        ),
    ] = None,
    q: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> Order:
    name = (sort or ("relevance" if q and q.strip() else "field")).strip()
    order = Order(name.removeprefix("-"), descending=name.startswith("-"))
    if order.name not in ORDERS:
        text = Text("Possible are: {order_names}.", order_names=_ORDER_NAMES)
        raise invalid_at("/query/sort", text)
    return order


AskedOrder = Annotated[Order, Depends(_order)]
