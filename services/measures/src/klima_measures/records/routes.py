# No `from __future__ import annotations` here: the routes' types are arguments, and FastAPI must
# see them.
"""The five routes that every kind of record has: list, create, read, replace, delete."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement

from klima_measures.base.queries.visibility import draft_prefixes, prefix_of, within
from klima_measures.records import actions as usecase
from klima_measures.records import queries as storage
from klima_measures.records.actions import Kind, Row
from klima_measures.records.files import record_table
from klima_shared.codes.fields import Ags
from klima_shared.database.connections import Read, ReadConnection, Write
from klima_shared.formats import Format, RequestedFormat, table_response, table_responses
from klima_shared.http.auth import Caller, Editor, Principal, Viewer
from klima_shared.http.etags import RequiredIfMatch, revision_etag
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang

B = TypeVar("B", bound=BaseModel)
TABLE_ROWS = 10_000


class Body(BaseModel):
    """What comes in: only what is known."""

    model_config = ConfigDict(extra="forbid")
    region: Ags = Field(
        description="whose editors write; for the county its own key", examples=["05974052"]
    )


class PublishedBody(Body):
    published: bool = Field(
        default=False, strict=True, description="seen by everybody; a manager decides"
    )


class Stored(BaseModel):
    """What every record has beside its content."""

    id: UUID
    revision: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Viewing:
    """Who is looking, and when."""

    caller: Principal
    lang: Lang
    now: datetime

    def inside(self, row: Row) -> bool:
        return self.caller.may_read_drafts(row["region"])


class Asked:
    """Conditions of a list; kinds with more filters have a subclass."""

    def __init__(
        self, where: Sequence[ColumnElement[bool]] = (), now: datetime | None = None
    ) -> None:
        self.where, self.now = list(where), now or datetime.now(UTC)


async def asks_nothing() -> Asked:
    return Asked()


Enrich = Callable[[ReadConnection, Sequence[Row], Viewing], Awaitable[list[dict[str, Any]]]]


async def nothing_more(
    _connection: Any, rows: Sequence[Row], _viewing: Viewing
) -> list[dict[str, Any]]:
    return [{} for _ in rows]


@dataclass(frozen=True)
class Resource(Generic[B]):
    """A kind of record on the wire."""

    kind: Kind
    path: str
    one: str  # noun of operation ids: `workshop`
    many: str
    summary: tuple[str, str]  # of one, of many, in English
    body: type[B]
    answer: type[BaseModel]
    tag: str
    internal: frozenset[str] = frozenset()  # fields that only readers of drafts see
    private: bool = False  # nothing of it is public
    enrich: Enrich = nothing_more
    asked: Callable[..., Awaitable[Asked]] = asks_nothing
    viewed: Callable[..., Awaitable[Asked]] = asks_nothing

    async def views(
        self, connection: Any, rows: Sequence[Row], viewing: Viewing
    ) -> list[dict[str, Any]]:
        """What a reader gets of these rows."""
        more = await self.enrich(connection, rows, viewing)
        return [self._view(row, viewing) | extra for row, extra in zip(rows, more, strict=True)]

    def _view(self, row: Row, viewing: Viewing) -> dict[str, Any]:
        found = {
            name: row[name] for name in ("id", "revision", "created_at", "changed_at")
        } | usecase.whole(row)
        found = {name: value for name, value in found.items() if name in self.answer.model_fields}
        if self.internal and not viewing.inside(row):
            found = {name: value for name, value in found.items() if name not in self.internal}
        return found

    def etag(self, row: Row, content: bytes) -> str:
        """For `If-Match` the revision counts; the suffix tells variants of language, reader and
        moment apart."""
        digest = blake2b(content, digest_size=8).hexdigest()
        return revision_etag(f"{self.kind.entity} {row['id']}", row["revision"], digest)

    async def answered(
        self, connection: Any, row: Row, viewing: Viewing, status: int = 200
    ) -> Response:
        (view,) = await self.views(connection, [row], viewing)
        content = encode(view)
        return Response(content, status, {"ETag": self.etag(row, content)}, "application/json")


def encode(content: Any) -> bytes:
    return orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)


def routes(router: APIRouter, resource: Resource[Any]) -> None:
    """Add the five routes of a resource."""
    kind, body_type, answer = resource.kind, resource.body, resource.answer
    who: Any = Viewer if resource.private else Caller
    one, many = resource.summary
    item = resource.path + "/{identity}"
    writing = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)

    async def list_records(
        request: Request,
        response: Response,
        read: Read,
        caller: who,
        lang: ReaderLang,
        asked: Annotated[Asked, Depends(resource.asked)],
        paging: Paging,
        form: RequestedFormat,
        region: Annotated[
            Ags | None, Query(description="of this region or, for a county, of all in it")
        ] = None,
        modified_since: ModifiedSince = None,
    ) -> Any:
        prefixes = draft_prefixes(caller)
        where = [*asked.where]
        where.append(
            within(kind.table.c.region, prefixes)
            if resource.private
            else storage.visible(kind.table, prefixes)
        )
        if region:
            where.append(storage.in_region(kind.table, prefix_of(region)))
        if modified_since:
            where.append(kind.table.c.changed_at >= modified_since)
        viewing = Viewing(caller, lang, asked.now)
        down = kind.newest_first
        if form is not Format.JSON:
            rows = await storage.listing(read, kind.table, where, limit=TABLE_ROWS, descending=down)
            views = await resource.views(read, [dict(row) for row in rows], viewing)
            return await table_response(
                record_table(resource.many, resource.answer, views), form, lang
            )
        after = check_key(paging.after, str, UUID)
        rows = await storage.listing(
            read, kind.table, where, limit=paging.limit + 1, after=after, descending=down
        )
        page, cursor = paging.cut(rows, ["sort_key", "id"])
        link_next(request, response, cursor)
        items = await resource.views(read, [dict(row) for row in page], viewing)
        headers = dict(response.headers)
        return Response(
            encode({"items": items, "next": cursor}), headers=headers, media_type="application/json"
        )

    async def create_record(
        body: body_type,  # type: ignore[valid-type]
        editor: Editor,
        write: Write,
        lang: ReaderLang,
        idempotency: Idempotency,
    ) -> Response:
        async def action() -> Created:
            row = await usecase.create(write, editor, kind, plain(body))
            viewing = Viewing(editor, lang, datetime.now(UTC))
            (view,) = await resource.views(write, [row], viewing)
            content = encode(view)
            return Created(
                content, location=f"{resource.path}/{row['id']}", etag=resource.etag(row, content)
            )

        return await idempotency.run(write, action)

    async def get_record(
        identity: UUID,
        read: Read,
        caller: who,
        lang: ReaderLang,
        asked: Annotated[Asked, Depends(resource.viewed)],
    ) -> Response:
        row = await storage.find(read, kind.table, identity)
        public = row is not None and storage.is_public(row) and not resource.private
        if row is None or not (public or caller.may_read_drafts(row["region"])):
            raise usecase.missing(kind)
        return await resource.answered(read, row, Viewing(caller, lang, asked.now))

    async def replace_record(
        identity: UUID,
        body: body_type,  # type: ignore[valid-type]
        editor: Editor,
        if_match: RequiredIfMatch,
        write: Write,
        lang: ReaderLang,
    ) -> Response:
        row = await usecase.change(write, editor, kind, identity, if_match, plain(body))
        return await resource.answered(write, row, Viewing(editor, lang, datetime.now(UTC)))

    async def delete_record(
        identity: UUID, editor: Editor, if_match: RequiredIfMatch, write: Write
    ) -> Response:
        await usecase.remove(write, editor, kind, identity, if_match)
        return Response(status_code=204)

    add = router.add_api_route
    tags: dict[str, Any] = {"tags": [resource.tag]}
    page_type: Any = Page[answer]  # type: ignore[valid-type]
    add(
        resource.path,
        list_records,
        methods=["GET"],
        name=f"list_{resource.many}",
        summary=f"List {many}",
        response_model=page_type,
        responses={**problem_responses(401, 403, 422), **table_responses()},
        **tags,
    )
    add(
        resource.path,
        create_record,
        methods=["POST"],
        name=f"create_{resource.one}",
        summary=f"Create {one}",
        response_model=answer,
        status_code=201,
        responses=problem_responses(400, 401, 403, 409, 422),
        **tags,
    )
    add(
        item,
        get_record,
        methods=["GET"],
        name=f"get_{resource.one}",
        summary=f"Read {one}",
        response_model=answer,
        responses=problem_responses(401, 403, 404, 422),
        **tags,
    )
    add(
        item,
        replace_record,
        methods=["PUT"],
        name=f"replace_{resource.one}",
        summary=f"Replace {one}",
        response_model=answer,
        responses=writing,
        **tags,
    )
    add(
        item,
        delete_record,
        methods=["DELETE"],
        name=f"delete_{resource.one}",
        summary=f"Delete {one}",
        status_code=204,
        responses=writing,
        **tags,
    )


def plain(body: BaseModel) -> dict[str, Any]:
    """The body as it is stored: JSON values, amounts exact, defaults written out."""
    return body.model_dump(mode="json", by_alias=True)
