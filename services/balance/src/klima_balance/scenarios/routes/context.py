"""What the routes of scenarios stand on: the caller's context, and how answers are sent."""

from dataclasses import replace
from typing import Annotated

import orjson
from fastapi import Depends, Path, Response

from klima_balance.method.model import Method
from klima_balance.regions.routes.common import MethodTables
from klima_balance.scenarios.actions.scenarios import Context, WriteContext
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.model.assumptions import ScenarioTables
from klima_shared.database.connections import Read
from klima_shared.http.auth import Caller
from klima_shared.http.etags import OptionalIfMatch
from klima_shared.language.numbers import Lang
from klima_shared.revisions.dependencies import EditorChange, EditorWriter, ManagerWriter
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

Tables = Annotated[ScenarioTables, Depends(lambda: load_scenario_tables())]


async def _reading(read: Read, caller: Caller, method: MethodTables, tables: Tables) -> Context:
    return Context(read, caller, method, tables)


def _write_context(writer: Writer, method: Method, tables: ScenarioTables) -> WriteContext:
    return WriteContext(writer.connection, writer.principal, method, tables, writer)


async def _editing(writer: EditorWriter, method: MethodTables, tables: Tables) -> WriteContext:
    return _write_context(writer, method, tables)


async def _changing(writer: EditorChange, method: MethodTables, tables: Tables) -> WriteContext:
    return _write_context(writer, method, tables)


async def _managing(
    writer: ManagerWriter, if_match: OptionalIfMatch, method: MethodTables, tables: Tables
) -> WriteContext:
    return _write_context(replace(writer, if_match=if_match), method, tables)


Reading = Annotated[Context, Depends(_reading)]
Editing = Annotated[WriteContext, Depends(_editing)]
Changing = Annotated[WriteContext, Depends(_changing)]
"""An editor who changes what he has read: with `If-Match`."""
Managing = Annotated[WriteContext, Depends(_managing)]
"""A manager; `If-Match` is honoured where it is sent."""


ScenarioId = Annotated[
    str,
    Path(
        description="id of a scenario, as lists give it",
        examples=["trend.05974040.2021.v1.e2026-2"],
        json_schema_extra={"minLength": 1, "maxLength": 80},
    ),
]


def json_response(content: JsonObject, lang: Lang, vary: str = "Accept-Language") -> Response:
    headers = {"Content-Language": lang, "Vary": vary}
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)


def svg_response(content: str, lang: Lang) -> Response:
    headers = {
        "Content-Language": lang,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(content, media_type="image/svg+xml", headers=headers)
