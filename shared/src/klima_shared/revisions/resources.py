# No `from __future__ import annotations` here: the routes' types are arguments, and FastAPI must
# see them.
"""The five routes that every kind of record has: list, create, read, replace, delete."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any, Generic
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, table_response, table_responses
from klima_shared.http.auth import Caller, Principal, Viewer
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, PageRequest, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.revisions import records
from klima_shared.revisions.dependencies import EditorChange, EditorWriter
from klima_shared.revisions.model import Record, Stored
from klima_shared.revisions.record_tables import record_table
from klima_shared.revisions.records import B, Kind, R
from klima_shared.revisions.visibility import draft_regions, in_region, lies_in, visible
from klima_shared.revisions.writing import Writer

TABLE_ROWS = 10_000


class Filter:
    """Conditions of a list, and the moment it is looked at; kinds with filters of their own give
    one from a dependency."""

    def __init__(self, *where: ColumnElement[bool] | None, now: datetime | None = None) -> None:
        self.where = [condition for condition in where if condition is not None]
        self.now = now or datetime.now(UTC)


async def no_filter() -> Filter:
    return Filter()


@dataclass(frozen=True)
class Viewing:
    """Who is looking, in which language, at what, and when."""

    caller: Principal
    lang: Lang
    filter: Filter

    @property
    def now(self) -> datetime:
        return self.filter.now

    def inside(self, row: Record) -> bool:
        return self.caller.may_read_drafts(row.region)


Handler = Callable[..., Awaitable[Response]]
Fields = Mapping[str, object]
"""Some fields of an answer."""
Enrich = Callable[[AsyncConnection, Sequence[R], Viewing], Awaitable[list[Fields]]]


async def nothing_more(_: AsyncConnection, rows: Sequence[R], __: Viewing) -> list[Fields]:
    return [{} for _ in rows]


@dataclass(frozen=True)
class Resource(Generic[B, R]):
    """A kind of record on the wire. Names of operations follow from the kind's name and the
    path."""

    kind: Kind[B, R]
    path: str
    body: type[B]
    answer: type[BaseModel]
    tag: str
    listed: str = ""  # what a list is said to hold; the noun's plural without it
    internal: frozenset[str] = frozenset()  # fields that only readers of drafts see
    private: bool = False  # nothing of it is public
    enrich: Enrich[R] = nothing_more
    filter: Callable[..., Awaitable[Filter]] = no_filter
    view_at: Callable[..., Awaitable[Filter]] = no_filter

    @property
    def many(self) -> str:
        return self.path.rpartition("/")[2].replace("-", "_")

    async def views(
        self, connection: AsyncConnection, rows: Sequence[R], viewing: Viewing
    ) -> list[dict[str, object]]:
        """What a reader gets of these rows."""
        more = await self.enrich(connection, rows, viewing)
        return [
            {**self._view(row, viewing), **extra} for row, extra in zip(rows, more, strict=True)
        ]

    def _view(self, row: R, viewing: Viewing) -> dict[str, object]:
        stored = {name: getattr(row, name) for name in Stored.model_fields} | row.content
        hidden = self.internal if self.internal and not viewing.inside(row) else frozenset()
        shown = self.answer.model_fields.keys() - hidden
        return {name: value for name, value in stored.items() if name in shown}

    def etag(self, row: R, content: bytes) -> str:
        """For `If-Match` the revision counts; the suffix tells variants of language, reader and
        moment apart."""
        return self.kind.etag(row, blake2b(content, digest_size=8).hexdigest())

    async def response(self, connection: AsyncConnection, row: R, viewing: Viewing) -> Response:
        (view,) = await self.views(connection, [row], viewing)
        content = encode(view)
        return Response(content, 200, {"ETag": self.etag(row, content)}, "application/json")

    async def written(self, writer: Writer, row: R, lang: Lang) -> Response:
        """The answer to whoever wrote the row."""
        viewing = Viewing(writer.principal, lang, Filter())
        return await self.response(writer.connection, row, viewing)

    async def created(self, writer: Writer, row: R, lang: Lang) -> Created:
        response = await self.written(writer, row, lang)
        location = f"{self.path}/{row.id}"
        return Created(bytes(response.body), location=location, etag=response.headers["ETag"])

    async def page(
        self, read: AsyncConnection, viewing: Viewing, paging: PageRequest, form: Format
    ) -> Response:
        """A page of the list, or a table of all of it."""
        kind, regions = self.kind, draft_regions(viewing.caller)
        own = lies_in(kind.table.c.region, regions)
        where = [*viewing.filter.where, own if self.private else visible(kind.table, regions)]
        if form is not Format.JSON:
            rows = await records.listing(read, kind, where, limit=TABLE_ROWS)
            views = await self.views(read, rows, viewing)
            table = record_table(self.many, self.answer, views)
            return await table_response(table, form, viewing.lang)
        after = check_key(paging.after, str, UUID)
        rows = await records.listing(read, kind, where, limit=paging.limit + 1, after=after)
        shown, cursor = paging.cut(rows, ["sort_key", "id"])
        content = {"items": await self.views(read, shown, viewing), "next": cursor}
        headers = dict(paging.headers)
        return Response(encode(content), headers=headers, media_type="application/json")


def encode(content: object) -> bytes:
    return orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)


def _viewing(resource: Resource[B, R], filtered: Callable[..., Awaitable[Filter]]) -> object:
    """The dependency that says who is looking; nothing of a private kind is for the public."""
    who: Any = Viewer if resource.private else Caller

    async def viewing(
        caller: who, lang: RequestLanguage, filtered: Annotated[Filter, Depends(filtered)]
    ) -> Viewing:
        return Viewing(caller, lang, filtered)

    return Depends(viewing)


def _readers(resource: Resource[B, R]) -> tuple[Handler, Handler]:
    """The functions that list and read."""
    kind = resource.kind
    listed, one = _viewing(resource, resource.filter), _viewing(resource, resource.view_at)

    async def list_records(
        read: Read,
        viewing: Annotated[Viewing, listed],
        paging: Paging,
        form: RequestedFormat,
        region: Annotated[
            Ags | None, Query(description="of this region or, for a county, of all in it")
        ] = None,
        modified_since: ModifiedSince = None,
    ) -> Response:
        if region:
            viewing.filter.where.append(in_region(kind.table, region))
        if modified_since:
            viewing.filter.where.append(kind.table.c.changed_at >= modified_since)
        return await resource.page(read, viewing, paging, form)

    async def get_record(identity: UUID, read: Read, viewing: Annotated[Viewing, one]) -> Response:
        row = await records.readable(read, kind, viewing.caller, identity)
        if resource.private and not viewing.inside(row):
            raise kind.no_record()
        return await resource.response(read, row, viewing)

    return list_records, get_record


def _writers(resource: Resource[B, R]) -> tuple[Handler, Handler, Handler]:
    """The functions that create, replace and delete."""
    kind, body_type = resource.kind, resource.body

    async def create_record(
        body: body_type,  # type: ignore[valid-type]
        writer: EditorWriter,
        lang: RequestLanguage,
        idempotency: Idempotency,
    ) -> Response:
        async def action() -> Created:
            return await resource.created(writer, await records.create(writer, kind, body), lang)

        return await idempotency.run(writer.connection, action)

    async def replace_record(
        identity: UUID,
        body: body_type,  # type: ignore[valid-type]
        writer: EditorChange,
        lang: RequestLanguage,
    ) -> Response:
        row = await records.change(writer, kind, identity, body)
        return await resource.written(writer, row, lang)

    async def delete_record(identity: UUID, writer: EditorChange) -> Response:
        await records.remove(writer, kind, identity)
        return Response(status_code=204)

    return create_record, replace_record, delete_record


def routes(router: APIRouter, resource: Resource[Any, Any]) -> None:
    """Add the five routes of a resource."""
    list_records, get_record = _readers(resource)
    create_record, replace_record, delete_record = _writers(resource)
    noun, answer = resource.kind.noun.en, resource.answer
    one, many = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}", resource.listed or f"{noun}s"
    page: Any = Page[answer]  # type: ignore[valid-type]
    item = resource.path + "/{identity}"
    changing = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)
    reading = {**problem_responses(401, 403, 422), **table_responses()}

    def add(method: str, path: str, function: Handler, summary: str, **options: Any) -> None:
        verb = summary.split()[0].lower().replace("read", "get")
        router.add_api_route(
            path,
            function,
            methods=[method],
            name=f"{verb}_{resource.many if verb == 'list' else resource.kind.name}",
            summary=summary,
            tags=[resource.tag],
            **options,
        )

    add("GET", resource.path, list_records, f"List {many}", response_model=page, responses=reading)
    add(
        "POST",
        resource.path,
        create_record,
        f"Create {one}",
        response_model=answer,
        status_code=201,
        responses=problem_responses(400, 401, 403, 409, 422),
    )
    add(
        "GET",
        item,
        get_record,
        f"Read {one}",
        response_model=answer,
        responses=problem_responses(401, 403, 404, 422),
    )
    add("PUT", item, replace_record, f"Replace {one}", response_model=answer, responses=changing)
    add("DELETE", item, delete_record, f"Delete {one}", status_code=204, responses=changing)
