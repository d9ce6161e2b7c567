"""Routes of the registers: the same five for each kind, so that whoever knows one knows all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, create_model

from klima_measures.base.actions.context import frame_of
from klima_measures.registers import actions as registers
from klima_measures.registers import model as entries
from klima_measures.registers import queries as storage
from klima_measures.registers import shapes as examples
from klima_measures.registers.model import Entry
from klima_measures.sheets.actions import writing as measures
from klima_shared.codes.fields import Ags
from klima_shared.codes.lists import Role
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Caller, Editor
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses
from klima_shared.language.reader import ReaderLang
from klima_shared.revisions.visibility import draft_prefixes

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Kind(Generic[E]):
    """A register: its name in code and database, its path, the names of its operations, its
    model."""

    name: str
    path: str
    plural: str
    title: str
    model: type[E]
    example: dict[str, Any]
    more: Callable[[Any], dict[str, Any]] | None = None  # what is computed for an answer


KINDS: Final[tuple[Kind[Any], ...]] = (
    Kind("concept", "concepts", "concepts", "concept", entries.Concept, examples.CONCEPT),
    Kind(
        "template",
        "templates",
        "templates",
        "template of steps",
        entries.Template,
        examples.TEMPLATE,
    ),
    Kind(
        "funding_programme",
        "funding-programmes",
        "funding_programmes",
        "funding programme",
        entries.FundingProgramme,
        examples.PROGRAMME,
    ),
    Kind(
        "round",
        "rounds",
        "rounds",
        "round (ÖKOPROFIT and the like)",
        entries.Round,
        examples.ROUND,
        lambda entry: {"sums": entries.round_sums(entry)},
    ),
    Kind("strategy", "strategies", "strategies", "strategy", entries.Strategy, examples.STRATEGY),
    Kind("quarter", "quarters", "quarters", "quarter", entries.Quarter, examples.QUARTER),
)


class Answered(BaseModel):
    """What every answer about an entry has beside its content."""

    id: UUID
    revision: int
    changed_at: datetime


def register_router(kind: Kind[Any]) -> APIRouter:
    """List, read, create, replace and delete entries of one register."""
    model, router = kind.model, APIRouter(prefix=f"/v1/{kind.path}", tags=["registers"])
    fields: dict[str, Any] = {"sums": (entries.RoundSums, ...)} if kind.more else {}
    answer_model: Any = create_model(
        f"{model.__name__}Answer", __base__=(Answered, model), **fields
    )
    body = Body(openapi_examples={"example": {"value": kind.example}})

    def content(row: dict[str, Any], entry: Entry) -> dict[str, Any]:
        full = registers.entry_of(kind.name, row)
        more = (
            {name: value.model_dump(mode="json") for name, value in kind.more(full).items()}
            if kind.more
            else {}
        )
        own = entry.model_dump(mode="json") | {"region": row["region"]}
        return {
            "id": str(row["id"]),
            "revision": row["revision"],
            "changed_at": row["changed_at"],
            **own,
            **more,
        }

    def answered(row: dict[str, Any], entry: Entry, lang: str) -> Response:
        found = orjson.dumps(content(row, entry))
        etag = registers.etag_of(kind.name, row, measures.variant_of(lang, found))
        return Response(found, headers={"ETag": etag}, media_type="application/json")

    async def list_entries(
        request: Request,
        response: Response,
        connection: Read,
        caller: Caller,
        paging: Paging,
        modified_since: ModifiedSince = None,
        region: Ags | None = None,
        offered_on: Annotated[
            date | None, Query(description="only what is valid on this day")
        ] = None,
        all: Annotated[bool, Query(description="expired ones too")] = False,  # noqa: A002
    ) -> Any:
        key = check_key(paging.after, str, UUID)
        valid_on = offered_on or (
            None if all or kind.name != "funding_programme" else frame_of(request).today()
        )
        prefixes = draft_prefixes(caller)
        rows = await storage.listing(
            connection,
            kind.name,
            public_only="" not in prefixes,
            own=prefixes,
            limit=paging.limit + 1,
            offered_on=valid_on,
            region=region,
            after=[key[0], str(key[1])] if key else None,
            modified_since=modified_since,
        )
        shown, cursor = paging.cut(rows, ["code", "id"])
        link_next(request, response, cursor)
        items = [content(dict(row), registers.shown(kind.name, dict(row), caller)) for row in shown]
        body = orjson.dumps({"items": items, "next": cursor})
        return Response(body, headers=dict(response.headers), media_type="application/json")

    async def get_entry(connection: Read, caller: Caller, lang: ReaderLang, entry_id: UUID) -> Any:
        row, entry = await registers.find(connection, caller, kind.name, entry_id)
        return answered(row, entry, lang)

    async def create_entry(
        request: Request,
        connection: Write,
        caller: Editor,
        idempotency: Idempotency,
        entry: Any = body,
    ) -> Any:
        async def action() -> Created:
            row = await registers.create(connection, caller, frame_of(request), kind.name, entry)
            made = content(row, registers.shown(kind.name, row, caller))
            return Created(
                made,
                location=f"/v1/{kind.path}/{row['id']}",
                etag=registers.etag_of(kind.name, row),
            )

        return await idempotency.run(connection, action)

    async def replace_entry(
        request: Request,
        connection: Write,
        caller: Editor,
        lang: ReaderLang,
        entry_id: UUID,
        if_match: RequiredIfMatch,
        entry: Any = body,
    ) -> Any:
        frame = frame_of(request)
        row = await registers.change(
            connection, caller, frame, kind.name, entry_id, entry, if_match
        )
        return answered(row, registers.shown(kind.name, row, caller), lang)

    async def delete_entry(
        connection: Write, caller: Editor, entry_id: UUID, if_match: RequiredIfMatch
    ) -> None:
        caller.require(Role.EDITOR)
        await registers.remove(connection, caller, kind.name, entry_id, if_match)

    for handler in (create_entry, replace_entry):
        handler.__annotations__["entry"] = model
    reads, writes = (
        problem_responses(401, 404, 422),
        problem_responses(401, 403, 404, 409, 412, 422, 428),
    )
    router.add_api_route(
        "",
        list_entries,
        methods=["GET"],
        name=f"list_{kind.plural}",
        response_model=Page[answer_model],
        summary=f"Entries of the register: {kind.title}",
        responses=reads,
    )
    router.add_api_route(
        "",
        create_entry,
        methods=["POST"],
        name=f"create_{kind.name}",
        response_model=answer_model,
        status_code=201,
        summary=f"Create a {kind.title}",
        responses=problem_responses(401, 403, 409, 422),
    )
    one = "/{entry_id}"
    router.add_api_route(
        one,
        get_entry,
        methods=["GET"],
        name=f"get_{kind.name}",
        response_model=answer_model,
        summary=f"One {kind.title}",
        responses=reads,
    )
    router.add_api_route(
        one,
        replace_entry,
        methods=["PUT"],
        name=f"replace_{kind.name}",
        response_model=answer_model,
        summary=f"Replace a {kind.title}",
        responses=writes,
    )
    router.add_api_route(
        one,
        delete_entry,
        methods=["DELETE"],
        name=f"delete_{kind.name}",
        status_code=204,
        summary=f"Delete a {kind.title} that nothing refers to",
        responses=writes,
    )
    return router


ROUTERS: Final = tuple(register_router(kind) for kind in KINDS)
