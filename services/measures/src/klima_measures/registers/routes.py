"""Routes of the registers: the same five for each kind, so that whoever knows one knows all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, create_model

from klima_measures.base.routes import Reading, context_of
from klima_measures.base.rules import content_variant
from klima_measures.registers import actions, queries
from klima_measures.registers.actions import Hooks
from klima_measures.registers.model import MODELS, Entry, RegisterKind, Round, RoundSums, round_sums
from klima_measures.registers.queries import REGISTERS, EntryFilter, StoredEntry
from klima_shared.codes.regions import Ags
from klima_shared.http.auth import Principal
from klima_shared.http.dates import IsoDate
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.revisions.dependencies import EditorChange, EditorWriter
from klima_shared.revisions.visibility import draft_regions
from klima_shared.revisions.writing import opened


@dataclass(frozen=True)
class Register:
    """A register on the wire: its path, the names of its operations."""

    kind: RegisterKind
    path: str
    title: str

    @property
    def plural(self) -> str:
        return self.path.replace("-", "_")


WIRE: Final = (
    Register(RegisterKind.CONCEPT, "concepts", "concept"),
    Register(RegisterKind.TEMPLATE, "templates", "template of steps"),
    Register(RegisterKind.FUNDING_PROGRAMME, "funding-programmes", "funding programme"),
    Register(RegisterKind.ROUND, "rounds", "round (ÖKOPROFIT and the like)"),
    Register(RegisterKind.STRATEGY, "strategies", "strategy"),
    Register(RegisterKind.QUARTER, "quarters", "quarter"),
)
# Bodies that can be sent as they are; all are inventions and say so.
EXAMPLES: Final = orjson.loads(
    files("klima_measures.registers").joinpath("examples.json").read_bytes()
)


Handler = Callable[..., Awaitable[Response | None]]


class Answered(BaseModel):
    """What every answer about an entry has beside its content."""

    id: UUID
    revision: int
    changed_at: datetime


def _content(kind: RegisterKind, stored: StoredEntry, entry: Entry) -> dict[str, object]:
    """An entry as it is answered; a round with sums over all its firms, named or not."""
    full = actions.entry_of(kind, stored)
    sums = {"sums": round_sums(full).model_dump(mode="json")} if isinstance(full, Round) else {}
    return {
        "id": str(stored.id),
        "revision": stored.revision,
        "changed_at": stored.changed_at,
        **entry.model_dump(mode="json"),
        "region": stored.region,
        **sums,
    }


def _answered(kind: RegisterKind, stored: StoredEntry, caller: Principal, lang: str) -> Response:
    found = orjson.dumps(_content(kind, stored, actions.visible_entry(kind, stored, caller)))
    etag = REGISTERS[kind].etag(stored, content_variant(lang, found))
    return Response(found, 200, {"ETag": etag}, "application/json")


def _reading_handlers(kind: RegisterKind) -> tuple[Handler, Handler]:
    async def list_entries(
        response: Response,
        session: Reading,
        paging: Paging,
        modified_since: ModifiedSince = None,
        region: Ags | None = None,
        offered_on: Annotated[
            IsoDate | None, Query(description="only what is valid on this day")
        ] = None,
        all: Annotated[bool, Query(description="expired ones too")] = False,  # noqa: A002
    ) -> Response:
        if kind is RegisterKind.FUNDING_PROGRAMME and not all:
            offered_on = offered_on or session.context.today()
        key = check_key(paging.after, str, UUID)
        rows = await queries.listing(
            session.connection,
            kind,
            EntryFilter(draft_regions(session.principal), offered_on, region, modified_since),
            limit=paging.limit + 1,
            after=(key[0], key[1]) if key else None,
        )
        shown, cursor = paging.cut(rows, ["code", "id"])
        items = [
            _content(kind, row, actions.visible_entry(kind, row, session.principal))
            for row in shown
        ]
        body = orjson.dumps({"items": items, "next": cursor})
        return Response(body, headers=dict(response.headers), media_type="application/json")

    async def get_entry(session: Reading, lang: RequestLanguage, identity: UUID) -> Response:
        stored = await actions.find(session, kind, identity)
        return _answered(kind, stored, session.principal, lang)

    return list_entries, get_entry


def _writing_handlers(register: Register, hooks: Hooks) -> tuple[Handler, Handler, Handler]:
    kind = register.kind
    body = Body(openapi_examples={"example": {"value": EXAMPLES[kind.value]}})

    async def create_entry(
        request: Request, writer: EditorWriter, idempotency: Idempotency, entry: Any = body
    ) -> Response:
        region = entry.region or context_of(request).county

        async def action() -> Created:
            stored = await actions.create(writer, kind, entry, region, hooks=hooks)
            seen = actions.visible_entry(kind, stored, writer.principal)
            location, etag = f"/v1/{register.path}/{stored.id}", REGISTERS[kind].etag(stored)
            return Created(_content(kind, stored, seen), location=location, etag=etag)

        return await idempotency.run(writer.connection, action)

    async def replace_entry(
        request: Request,
        lang: RequestLanguage,
        identity: UUID,
        writer: EditorChange,
        entry: Any = body,
    ) -> Response:
        before = await opened(writer, REGISTERS[kind], identity)
        region = entry.region or context_of(request).county
        stored = await actions.change(writer, before, kind, entry, region, hooks)
        return _answered(kind, stored, writer.principal, lang)

    async def delete_entry(writer: EditorChange, identity: UUID) -> None:
        stored = await opened(writer, REGISTERS[kind], identity)
        await actions.remove(writer, stored, kind, hooks=hooks)

    for handler in (create_entry, replace_entry):
        handler.__annotations__["entry"] = MODELS[kind]
    return create_entry, replace_entry, delete_entry


def register_router(register: Register, hooks: Hooks) -> APIRouter:
    """List, read, create, replace and delete entries of one register."""
    kind, title = register.kind, register.title
    router = APIRouter(prefix=f"/v1/{register.path}", tags=["registers"])
    fields: dict[str, Any] = {"sums": (RoundSums, ...)} if kind is RegisterKind.ROUND else {}
    model = MODELS[kind]
    answer: Any = create_model(f"{model.__name__}Answer", __base__=(Answered, model), **fields)
    list_entries, get_entry = _reading_handlers(kind)
    create_entry, replace_entry, delete_entry = _writing_handlers(register, hooks)
    add, name, one = router.add_api_route, kind.value, "/{identity}"
    reads: dict[str, Any] = {"methods": ["GET"], "responses": problem_responses(401, 404, 422)}
    writes = problem_responses(401, 403, 404, 409, 412, 422, 428)
    add(
        "",
        list_entries,
        name=f"list_{register.plural}",
        response_model=Page[answer],
        summary=f"Entries of the register: {title}",
        **reads,
    )
    add(
        "",
        create_entry,
        methods=["POST"],
        name=f"create_{name}",
        response_model=answer,
        status_code=201,
        summary=f"Create a {title}",
        responses=problem_responses(401, 403, 409, 422),
    )
    add(one, get_entry, name=f"get_{name}", response_model=answer, summary=f"One {title}", **reads)
    add(
        one,
        replace_entry,
        methods=["PUT"],
        name=f"replace_{name}",
        response_model=answer,
        summary=f"Replace a {title}",
        responses=writes,
    )
    add(
        one,
        delete_entry,
        methods=["DELETE"],
        name=f"delete_{name}",
        status_code=204,
        summary=f"Delete a {title} that nothing refers to",
        responses=writes,
    )
    return router


def register_routers(hooks: Hooks) -> tuple[APIRouter, ...]:
    return tuple(register_router(register, hooks) for register in WIRE)
