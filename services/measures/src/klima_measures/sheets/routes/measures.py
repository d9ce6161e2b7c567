"""Routes of measures: lists, facets, one sheet, writing it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from klima_measures.base.actions.context import frame_of, reader_of
from klima_measures.catalogue.actions import exports, lists
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.routes.filters import AskedFilters, AskedOrder, VersionParam
from klima_measures.sheets.actions import evidence as told
from klima_measures.sheets.actions import reading
from klima_measures.sheets.actions import writing as measures
from klima_measures.sheets.actions.templates import from_template
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.shapes.examples import SHEET_EXAMPLE, SHEET_PATCH_EXAMPLE
from klima_measures.sheets.shapes.measures import (
    MeasureAnswer,
    MeasurePage,
    answer,
    listed,
    meta_of,
)
from klima_shared.codes.lists import Role
from klima_shared.database.connections import Read, ReadConnection, Write
from klima_shared.formats import Format, RequestedFormat, table_response, table_responses
from klima_shared.http.auth import Caller, Editor
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import Paging, link_next
from klima_shared.http.problems import FieldError, invalid, problem_responses
from klima_shared.http.validation import pointer_of, validation_text
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Text

router = APIRouter(prefix="/v1", tags=["measures"])


class FieldOfActionAnswer(BaseModel):
    code: str = Field(examples=["mobility"])
    label: str = Field(examples=["Mobilität"])
    rank: int = Field(description="place in the order of the concept, from 0")
    measures: int = Field(description="how many the caller sees")


class FieldsOfAction(BaseModel):
    items: list[FieldOfActionAnswer]
    next: None = None


@router.get("/fields-of-action", summary="The fields of action with their number of measures")
async def list_fields_of_action(
    request: Request, connection: Read, caller: Caller, lang: ReaderLang
) -> FieldsOfAction:
    frame = frame_of(request)
    counts = await lists.field_counts(connection, frame, reader_of(caller))
    labels = frame.fields.labels(lang)
    items = [
        FieldOfActionAnswer(code=code, label=label, rank=rank, measures=counts.get(code, 0))
        for rank, (code, label) in enumerate(labels.items())
    ]
    return FieldsOfAction(items=items)


@router.get(
    "/measures",
    summary="Measures, filtered and sorted",
    response_model=MeasurePage,
    responses={**problem_responses(401, 422), **table_responses()},
)
async def list_measures(
    request: Request,
    response: Response,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    paging: Paging,
    filters: AskedFilters,
    order: AskedOrder,
    form: RequestedFormat,
    version: VersionParam = None,
) -> Any:
    """The published measures; those who may read drafts see the working revisions of their regions
    instead.

    As CSV or Excel the answer holds all measures the filters leave, not one page; the Excel file
    can be edited and imported again (`POST /v1/measures/imports`).
    """
    frame = frame_of(request)
    reader = listing.PUBLIC if version == "published" else reader_of(caller)
    await lists.check_regions(connection, frame, filters)
    if form is not Format.JSON:
        return await table_response(
            await exports.catalogue(connection, frame, filters, reader, lang), form, lang
        )
    key = order.key(list(paging.after) if paging.after else None)
    rows, cursor, total = await lists.page(
        connection, filters, reader, order.name, paging, key, descending=order.descending
    )
    link_next(request, response, cursor)
    response.headers["Content-Language"] = lang
    items = listed(rows, frame, lang)
    latest = max((item["changed_at"] for item in items), default=lists.as_of_nothing(filters))
    meta = meta_of(latest, example=any(item["example"] for item in items)).model_dump(mode="json")
    body = orjson.dumps({"items": items, "next": cursor, "total": total, "meta": meta})
    return Response(body, headers=dict(response.headers), media_type="application/json")


class FacetValue(BaseModel):
    value: str = Field(examples=["mobility"])
    label: str = Field(examples=["Mobilität"])
    count: int = Field(examples=[4])


class Facets(BaseModel):
    """Counts by facet and value over all measures that the filters leave."""

    total: int = Field(examples=[27])
    facets: dict[str, list[FacetValue]]


@router.get(
    "/measures/facets",
    summary="How many measures there are by field, phase, status, ...",
    responses=problem_responses(401, 422),
)
async def count_measures(
    request: Request,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    filters: AskedFilters,
    version: VersionParam = None,
) -> Facets:
    frame = frame_of(request)
    reader = listing.PUBLIC if version == "published" else reader_of(caller)
    await lists.check_regions(connection, frame, filters)
    total, counted = await lists.facets(connection, frame, filters, reader, lang)
    return Facets(
        total=total,
        facets={
            name: [FacetValue(value=v, label=label, count=n) for v, label, n in rows]
            for name, rows in counted.items()
        },
    )


@router.post(
    "/measures",
    summary="Create a measure (a draft, phase idea)",
    status_code=201,
    response_model=MeasureAnswer,
    responses=problem_responses(401, 403, 409, 413, 422),
)
async def create_measure(
    request: Request,
    connection: Write,
    caller: Editor,
    lang: ReaderLang,
    idempotency: Idempotency,
    sheet: Annotated[Sheet, Body(openapi_examples={"sheet": {"value": SHEET_EXAMPLE}})],
    template: Annotated[
        UUID | None,
        Query(description="a template whose steps and roles fill what the body leaves empty"),
    ] = None,
) -> Response:
    frame = frame_of(request)

    async def action() -> Created:
        filled = await from_template(connection, sheet, template) if template else sheet
        head = await measures.create(connection, caller, frame, filled)
        seen = ReadConnection(connection)
        found = await reading.read(seen, caller, frame, head["id"], "working", with_checks=False)
        return Created(
            answer(found, frame, lang),
            location=f"/v1/measures/{head['id']}",
            etag=measures.etag_of(head),
        )

    return await idempotency.run(connection, action)


async def _answer(
    request: Request,
    connection: Any,
    caller: Caller,
    identity: UUID,
    lang: ReaderLang,
    version: Any = None,
) -> Response:
    frame = frame_of(request)
    found = await reading.read(connection, caller, frame, identity, version)
    body = answer(found, frame, lang).model_dump_json().encode()
    variant = measures.variant_of(lang, body)
    headers = {
        "ETag": measures.etag_of(found.head, found.revision, variant),
        "Content-Language": lang,
    }
    return Response(body, headers=headers, media_type="application/json")


@router.get(
    "/measures/{measure_id}",
    summary="One measure with everything that follows from it",
    response_model=MeasureAnswer,
    responses=problem_responses(401, 404, 422),
)
async def get_measure(
    request: Request,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    measure_id: UUID,
    version: VersionParam = None,
) -> Response:
    return await _answer(request, connection, caller, measure_id, lang, version)


@router.put(
    "/measures/{measure_id}",
    summary="Replace the sheet",
    response_model=MeasureAnswer,
    responses=problem_responses(401, 403, 404, 409, 412, 413, 422, 428),
)
async def replace_measure(
    request: Request,
    connection: Write,
    caller: Editor,
    lang: ReaderLang,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    sheet: Annotated[Sheet, Body(openapi_examples={"sheet": {"value": SHEET_EXAMPLE}})],
) -> Response:
    """The published revision stays as it is until the sheet is published again.

    `evaluations` and `status_reports` come from the controlling service: left out they stay,
    changed they are refused.
    """
    frame = frame_of(request)
    head, before = await measures.open_for(connection, caller, measure_id, if_match, Role.EDITOR)
    await measures.change(connection, caller, frame, head, before, told.carried(sheet, before))
    return await _answer(request, connection, caller, measure_id, lang, "working")


@router.patch(
    "/measures/{measure_id}",
    summary="Change some fields of the sheet",
    response_model=MeasureAnswer,
    responses=problem_responses(401, 403, 404, 409, 412, 413, 422, 428),
)
async def update_measure(
    request: Request,
    connection: Write,
    caller: Editor,
    lang: ReaderLang,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    changes: Annotated[
        dict[str, Any], Body(openapi_examples={"changes": {"value": SHEET_PATCH_EXAMPLE}})
    ],
) -> Response:
    """JSON merge patch (RFC 7396) at the top level: a field that is named is replaced whole, null
    resets it."""
    frame = frame_of(request)
    head, before = await measures.open_for(connection, caller, measure_id, if_match, Role.EDITOR)
    merged = {**before.model_dump(mode="json"), **changes}
    removed = {name for name, value in changes.items() if value is None}
    content = {name: value for name, value in merged.items() if name not in removed}
    await measures.change(connection, caller, frame, head, before, validated(content))
    return await _answer(request, connection, caller, measure_id, lang, "working")


def validated(content: dict[str, Any]) -> Sheet:
    """A sheet from JSON-like content; 422 with every place that is wrong."""
    try:
        return Sheet.model_validate_json(orjson.dumps(content))
    except ValidationError as error:
        errors = [
            FieldError("/body" + pointer_of(e["loc"]), validation_text(e)) for e in error.errors()
        ]
        many = Text("{count} values are invalid.", count=len(errors))
        raise invalid(errors[0].detail if len(errors) == 1 else many, *errors) from error


@router.delete(
    "/measures/{measure_id}",
    summary="Delete a measure that was never published",
    status_code=204,
    responses=problem_responses(401, 403, 404, 409, 412, 428),
)
async def delete_measure(
    connection: Write, caller: Editor, measure_id: UUID, if_match: RequiredIfMatch
) -> None:
    head, sheet = await measures.open_for(connection, caller, measure_id, if_match, Role.EDITOR)
    await measures.remove(connection, caller, head, sheet)
