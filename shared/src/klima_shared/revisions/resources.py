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
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, table_response, table_responses
from klima_shared.http.auth import Caller, Principal, Viewer
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.revisions import records
from klima_shared.revisions.dependencies import EditorChange, EditorWriter
from klima_shared.revisions.model import Record, Stored
from klima_shared.revisions.record_tables import record_table
from klima_shared.revisions.records import B, Kind, R
from klima_shared.revisions.visibility import draft_prefixes, in_region, visible, within
from klima_shared.revisions.writing import Writer

TABLE_ROWS = 10_000


@dataclass(frozen=True)
class Viewing:
    """Who is looking, and when."""

    caller: Principal
    lang: Lang
    now: datetime

    def inside(self, row: Record) -> bool:
        return self.caller.may_read_drafts(row.region)


class Filter:
    """Conditions of a list, and the moment it is looked at; kinds with filters of their own give
    one from a dependency."""

    def __init__(self, *where: ColumnElement[bool], now: datetime | None = None) -> None:
        self.where, self.now = list(where), now or datetime.now(UTC)


async def no_filter() -> Filter:
    return Filter()


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

    async def response(
        self, connection: AsyncConnection, row: R, viewing: Viewing, status: int = 200
    ) -> Response:
        (view,) = await self.views(connection, [row], viewing)
        content = encode(view)
        return Response(content, status, {"ETag": self.etag(row, content)}, "application/json")

    async def written(self, writer: Writer, row: R, lang: Lang) -> Response:
        """The answer to whoever wrote the row."""
        viewing = Viewing(writer.principal, lang, datetime.now(UTC))
        return await self.response(writer.connection, row, viewing)

    async def created(self, writer: Writer, row: R, lang: Lang) -> Created:
        response = await self.written(writer, row, lang)
        location = f"{self.path}/{row.id}"
        return Created(bytes(response.body), location=location, etag=response.headers["ETag"])


def encode(content: object) -> bytes:
    return orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)


def routes(router: APIRouter, resource: Resource[Any, Any]) -> None:
    """Add the five routes of a resource."""
    kind, body_type, answer = resource.kind, resource.body, resource.answer
    who: Any = Viewer if resource.private else Caller

    async def list_records(
        request: Request,
        response: Response,
        read: Read,
        caller: who,
        lang: RequestLanguage,
        filtered: Annotated[Filter, Depends(resource.filter)],
        paging: Paging,
        form: RequestedFormat,
        region: Annotated[
            Ags | None, Query(description="of this region or, for a county, of all in it")
        ] = None,
        modified_since: ModifiedSince = None,
    ) -> Response:
        prefixes = draft_prefixes(caller)
        own = within(kind.table.c.region, prefixes)
        where = [*filtered.where, own if resource.private else visible(kind.table, prefixes)]
        if region:
            where.append(in_region(kind.table, region))
        if modified_since:
            where.append(kind.table.c.changed_at >= modified_since)
        viewing = Viewing(caller, lang, filtered.now)
        if form is not Format.JSON:
            rows = await records.listing(read, kind, where, limit=TABLE_ROWS)
            views = await resource.views(read, rows, viewing)
            return await table_response(record_table(resource.many, answer, views), form, lang)
        after = check_key(paging.after, str, UUID)
        rows = await records.listing(read, kind, where, limit=paging.limit + 1, after=after)
        page, cursor = paging.cut(rows, ["sort_key", "id"])
        link_next(request, response, cursor)
        content = {"items": await resource.views(read, page, viewing), "next": cursor}
        headers = dict(response.headers)
        return Response(encode(content), headers=headers, media_type="application/json")

    async def create_record(
        body: body_type,  # type: ignore[valid-type]
        writer: EditorWriter,
        lang: RequestLanguage,
        idempotency: Idempotency,
    ) -> Response:
        async def action() -> Created:
            return await resource.created(writer, await records.create(writer, kind, body), lang)

        return await idempotency.run(writer.connection, action)

    async def get_record(
        identity: UUID,
        read: Read,
        caller: who,
        lang: RequestLanguage,
        moment: Annotated[Filter, Depends(resource.view_at)],
    ) -> Response:
        row = await records.readable(read, kind, caller, identity)
        if resource.private and not caller.may_read_drafts(row.region):
            raise kind.no_record()
        return await resource.response(read, row, Viewing(caller, lang, moment.now))

    async def replace_record(
        identity: UUID,
        body: body_type,  # type: ignore[valid-type]
        writer: EditorChange,
        lang: RequestLanguage,
    ) -> Response:
        return await resource.written(
            writer, await records.change(writer, kind, identity, body), lang
        )

    async def delete_record(identity: UUID, writer: EditorChange) -> Response:
        await records.remove(writer, kind, identity)
        return Response(status_code=204)

    one = f"{'an' if kind.noun.en[0] in 'aeiou' else 'a'} {kind.noun.en}"
    many = resource.listed or f"{kind.noun.en}s"
    page: Any = Page[answer]  # type: ignore[valid-type]
    writing = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)
    reading = {**problem_responses(401, 403, 422), **table_responses()}
    made = {"status_code": 201, "responses": problem_responses(400, 401, 403, 409, 422)}
    seen = {"responses": problem_responses(401, 403, 404, 422)}

    def add(path: str, method: str, function: Any, summary: str, **options: Any) -> None:
        verb = summary.split()[0].lower().replace("read", "get")
        noun = resource.many if verb == "list" else kind.name
        router.add_api_route(
            path,
            function,
            methods=[method],
            name=f"{verb}_{noun}",
            summary=summary,
            tags=[resource.tag],
            **options,
        )

    item = resource.path + "/{identity}"
    add(resource.path, "GET", list_records, f"List {many}", response_model=page, responses=reading)
    add(resource.path, "POST", create_record, f"Create {one}", response_model=answer, **made)
    add(item, "GET", get_record, f"Read {one}", response_model=answer, **seen)
    add(item, "PUT", replace_record, f"Replace {one}", response_model=answer, responses=writing)
    add(item, "DELETE", delete_record, f"Delete {one}", status_code=204, responses=writing)
