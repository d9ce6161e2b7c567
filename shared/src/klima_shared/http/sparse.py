"""`?fields=id,title` on every list: which fields of its items are sent.

What there is follows from the model of the answer, so that every list has it without a word of its
own. The answer is made as ever and cut before it gets its ETag: fields cost the service nothing to
make that it would save, but a phone or a spreadsheet much to read.

It has a media type of its own, because its items are not those that the document promises of
`application/json`: who reads JSON reads it, who checks a schema finds another.
"""

from collections.abc import MutableMapping
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject as Json

FIELDS: Final = "fields"
SPARSE: Final = "application/vnd.klimakreis.sparse+json"
_WANTED: Final = "klima.fields"  # of the scope


def item_fields(route: APIRoute) -> tuple[str, ...]:
    """The fields of the items of a list, sorted; none for what is no list of objects."""
    for answer in _members(route.response_model):
        if isinstance(answer, type) and issubclass(answer, BaseModel):
            items = answer.model_fields.get("items")
            parts = get_args(items.annotation) if items else ()
            if parts and isinstance(parts[0], type) and issubclass(parts[0], BaseModel):
                model = parts[0]
                named = {
                    field.serialization_alias or field.alias or name
                    for name, field in model.model_fields.items()
                    if not field.exclude
                }
                return tuple(sorted(named | set(model.model_computed_fields)))
    return ()


def _members(answer: Any) -> tuple[Any, ...]:
    return get_args(answer) if get_origin(answer) in {Union, UnionType} else (answer,)


def fields_parameter(known: tuple[str, ...]) -> Json:
    """How the API document tells it."""
    one = "|".join(known)
    return {
        "name": FIELDS,
        "in": "query",
        "required": False,
        "description": "only these fields of the items, in JSON; several with commas",
        "schema": {"type": "string", "pattern": f"^({one})(,({one}))*$", "maxLength": 2000},
        "example": ",".join(known[:2]),
    }


def answer_content() -> Json:
    """The content of an answer, as the API document tells it."""
    items = {"type": "array", "items": {"type": "object"}}
    schema = {"type": "object", "required": ["items"], "properties": {"items": items}}
    return {SPARSE: {"schema": schema, "example": {"items": [{}]}}}


def choose_fields(request: Request, known: tuple[str, ...]) -> None:
    """Note which fields are wanted. 422 for one that the items do not have."""
    text = request.query_params.get(FIELDS)
    if text is None:
        return
    wanted = [name.strip() for name in text.split(",")]
    if not set(wanted) <= set(known):
        names = ", ".join(known)
        detail = Text("These items have no such field. Known are: {known}.", known=names)
        raise invalid_at(f"/query/{FIELDS}", detail)
    request.scope[_WANTED] = wanted


class Sparse:
    """Cuts the items of an answer in JSON to the fields that were chosen."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None
        pieces: list[bytes] = []

        async def cut(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _to_cut(scope, message):
                start = message
            elif start is None:
                await send(message)
            else:
                pieces.append(message.get("body", b""))
                if not message.get("more_body"):
                    body = _cut(b"".join(pieces), scope[_WANTED])
                    headers = MutableHeaders(raw=start["headers"])
                    headers["Content-Type"], headers["Content-Length"] = SPARSE, str(len(body))
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, cut if scope["type"] == "http" else send)


def _to_cut(scope: MutableMapping[str, Any], start: Message) -> bool:
    media_type = MutableHeaders(raw=start["headers"]).get("content-type", "")
    return _WANTED in scope and start["status"] == 200 and media_type == "application/json"


def _cut(body: bytes, wanted: list[str]) -> bytes:
    content = orjson.loads(body)
    content["items"] = [
        {name: item[name] for name in wanted if name in item} for item in content["items"]
    ]
    return orjson.dumps(content)
