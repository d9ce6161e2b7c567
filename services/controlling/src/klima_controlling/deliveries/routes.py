"""Data deliveries: what is due from whom, what is overdue, and the calendar of it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from klima_controlling.base.model import DeliveryKind
from klima_controlling.base.routes import CHECKED, context_of
from klima_controlling.base.shapes import row_of
from klima_controlling.deliveries import actions
from klima_controlling.deliveries.queries import DELIVERY
from klima_controlling.deliveries.rules import Due, calendar, notice
from klima_shared.codes.quantities import Whole
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read
from klima_shared.http.dates import IsoDate
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Page, Paging, check_key, encode_cursor
from klima_shared.http.problems import problem_responses, serving
from klima_shared.http.validation import StrictBody
from klima_shared.language.numbers import Lang
from klima_shared.revisions import entities
from klima_shared.revisions.dependencies import EditorChange, EditorWriter

router = APIRouter(prefix="/v1/data-deliveries", tags=["deliveries"], dependencies=CHECKED)
Name = Annotated[str, Field(min_length=1, max_length=300)]

RegionQuery = Annotated[
    Ags | None, Query(description="only those of this region", examples=["05974"])
]
OverdueQuery = Annotated[
    bool | None, Query(description="true: only overdue ones; false: only the others")
]


class NewDelivery(StrictBody):
    title: Name
    kind: DeliveryKind
    region: Ags
    deliverer: Name = Field(description="function or organisation, not a person")
    recipient: Name
    interval_months: Whole = Field(ge=1, le=120)
    most_months: Whole | None = Field(
        default=None, ge=1, le=240, description="never later than this after the last one"
    )
    first_due: IsoDate
    source: str = Field(default="", max_length=400)


class DeliveryAnswer(BaseModel):
    id: UUID
    title: str
    kind: DeliveryKind
    region: str
    deliverer: str
    recipient: str
    interval_months: int
    most_months: int | None
    due_on: date = Field(description="the next date; follows from the interval")
    latest_on: date | None = Field(description="by `most_months` after the last delivery")
    last_delivered: date | None
    overdue: bool
    overdue_days: int
    notice: str | None = Field(
        description="text of the e-mail that reminds of it; null when nothing is overdue"
    )


class NewReceipt(StrictBody):
    due_on: IsoDate = Field(description="the date that is served")
    delivered_on: IsoDate
    note: str = Field(default="", max_length=1000)


class ReceiptAnswer(NewReceipt):
    delivery_id: UUID


def _answer(item: Due, lang: Lang) -> DeliveryAnswer:
    d = item.delivery
    names = (
        "id",
        "title",
        "region",
        "deliverer",
        "recipient",
        "interval_months",
        "most_months",
        "last_delivered",
    )
    return DeliveryAnswer(
        **{n: getattr(d, n) for n in names},
        kind=DeliveryKind(d.kind),
        due_on=item.due_on,
        latest_on=item.latest_on,
        overdue=item.overdue,
        overdue_days=item.overdue_days,
        notice=notice(item, lang) if item.overdue else None,
    )


@router.get("", summary="What is due, the longest overdue first", responses=problem_responses(422))
async def list_data_deliveries(
    request: Request,
    read: Read,
    lang: RequestLanguage,
    page: Paging,
    overdue: OverdueQuery = None,
    region: RegionQuery = None,
) -> Page[DeliveryAnswer]:
    """Dates follow from the interval: balance every 3 years (at most 5), reports half-yearly,
    politics yearly."""
    found = await actions.due(
        read, context_of(request).today(), [region] if region else None, overdue=overdue
    )
    after = check_key(page.after, int)
    start = after[0] if after else 0
    shown = found[start : start + page.limit]
    cursor = None
    if start + page.limit < len(found):
        cursor = encode_cursor([start + page.limit])
    page.link(cursor)
    return Page(items=[_answer(item, lang) for item in shown], next=cursor)


@router.get("/calendar.ics", summary="The due dates as a calendar", **serving("text/calendar", 422))
async def get_delivery_calendar(
    request: Request,
    read: Read,
    lang: RequestLanguage,
    overdue: OverdueQuery = None,
    region: RegionQuery = None,
) -> Response:
    """ICalendar with a reminder two weeks ahead; the same dates give the same bytes on one day."""
    context = context_of(request)
    found = await actions.due(read, context.today(), [region] if region else None, overdue=overdue)
    stamp = context.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Response(calendar(found, lang, stamp), media_type="text/calendar; charset=utf-8")


@router.post("", summary="Set up a delivery", **creating(DeliveryAnswer, 400, 401, 403, 409, 422))
async def create_data_delivery(
    request: Request,
    body: NewDelivery,
    writer: EditorWriter,
    lang: RequestLanguage,
    idempotency: Idempotency,
) -> Response:
    async def action() -> Created:
        row = await actions.create(writer, row_of(body))
        item = await actions.due_of(writer.connection, context_of(request).today(), row.id)
        location = f"/v1/data-deliveries/{row.id}"
        return Created(_answer(item, lang), location=location, etag=DELIVERY.etag(row))

    return await idempotency.run(writer.connection, action)


@router.get("/{delivery_id:uuid}", summary="One delivery", responses=problem_responses(404, 422))
async def get_data_delivery(
    request: Request, response: Response, delivery_id: UUID, read: Read, lang: RequestLanguage
) -> DeliveryAnswer:
    today = context_of(request).today()
    item = await actions.due_of(read, today, delivery_id)
    row = await entities.get(read, DELIVERY, delivery_id)
    response.headers["ETag"] = DELIVERY.etag(row, f"{lang}.{today.isoformat()}")
    return _answer(item, lang)


@router.put(
    "/{delivery_id:uuid}",
    summary="Change a delivery",
    responses=problem_responses(400, 401, 403, 404, 412, 422, 428),
)
async def replace_data_delivery(
    request: Request,
    response: Response,
    delivery_id: UUID,
    body: NewDelivery,
    lang: RequestLanguage,
    writer: EditorChange,
) -> DeliveryAnswer:
    """Changing the interval changes the dates."""
    row = await actions.replace(writer, delivery_id, row_of(body))
    response.headers["ETag"] = DELIVERY.etag(row)
    today = context_of(request).today()
    return _answer(await actions.due_of(writer.connection, today, delivery_id), lang)


@router.post(
    "/{delivery_id:uuid}/receipts",
    summary="Note that a date was served",
    **creating(ReceiptAnswer, 400, 401, 403, 404, 409, 422),
)
async def create_receipt(
    request: Request,
    delivery_id: UUID,
    body: NewReceipt,
    writer: EditorWriter,
    idempotency: Idempotency,
) -> Response:
    async def action() -> Created:
        today = context_of(request).today()
        row = await actions.receive(writer, today, delivery_id, row_of(body))
        return Created(ReceiptAnswer(**{n: row[n] for n in ReceiptAnswer.model_fields}))

    return await idempotency.run(writer.connection, action)
