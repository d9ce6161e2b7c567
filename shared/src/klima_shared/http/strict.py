"""What does not belong to a request is refused on every route: parameters it does not know, a
single value given twice, a body of another kind or encoding, a token that is not valid.

A mistyped `?yaer=2021` that is passed over answers another question than the one that was asked.
"""

import re
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Final, NamedTuple, cast

from fastapi import FastAPI, Request, params
from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from klima_shared.http.auth import bearer_of
from klima_shared.http.problems import NOT_UTF8, FieldError, Problem, invalid, unsupported_media
from klima_shared.http.sparse import FIELDS, choose_fields, item_fields
from klima_shared.language.text import Text

MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"
_TRACKING: Final = re.compile(r"utm_\w+|(fb|g|ms)clid|(mtm|pk)_\w+")
"""What newsletters and social networks hang onto links to pages; no page reads it."""
_LONGEST: Final = 60  # characters of a wrong name that an answer repeats


class RequestRules(NamedTuple):
    """What a route takes: its query parameters (those that may occur several times too), the media
    type of its body (None: it reads none), whether it is a page that people link to, the fields of
    the items of its list."""

    known: frozenset[str]
    several: frozenset[str]
    media_type: str | None
    page: bool
    fields: tuple[str, ...]


def install_request_rules(app: FastAPI) -> None:
    """Note what each route of `app` takes; call it when all routers are there."""
    app.state.request_rules = {
        id(context.original_route): _rules_of(context.dependant, context.original_route)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute) and context.dependant is not None
    }


def _rules_of(dependant: Dependant, route: APIRoute) -> RequestRules:
    query = [
        field for field in get_flat_params(dependant) if isinstance(field.field_info, params.Query)
    ]
    body = route.body_field
    media = MULTIPART if body and isinstance(body.field_info, params.Form) else JSON
    response = route.response_class
    page = isinstance(response, type) and issubclass(response, HTMLResponse)
    fields = item_fields(route) if "GET" in (route.methods or ()) else ()
    return RequestRules(
        frozenset(field.alias for field in query) | ({FIELDS} if fields else set()),
        frozenset(
            field.alias
            for field in query
            if field_annotation_is_sequence(field.field_info.annotation)
        ),
        media if body else None,
        page,
        fields,
    )


async def check_request(request: Request) -> None:
    """The dependency of all routes. 401 for a token that is not valid, 415 for a body that the
    route does not read, 422 for parameters that it does not know and single ones given twice."""
    await bearer_of(request)
    every = cast("Mapping[int, RequestRules]", request.app.state.request_rules)
    rules = every[id(request.scope["route"])]
    if rules.media_type is not None and _has_body(request.headers):
        _check_media_type(request.headers.get("content-type"), rules.media_type)
    if errors := list(_wrong_parameters(request, rules)):
        more = Text("{count} parameters are wrong.", count=len(errors))
        raise invalid(errors[0].detail if len(errors) == 1 else more, *errors)
    if rules.fields:
        choose_fields(request, rules.fields)


def _wrong_parameters(request: Request, rules: RequestRules) -> Iterator[FieldError]:
    given = [name for name, _ in request.query_params.multi_items()]
    for name in dict.fromkeys(given):
        if name not in rules.known:
            if not (rules.page and _TRACKING.fullmatch(name)):
                yield FieldError(_pointer(name), _unknown(rules))
        elif name not in rules.several and given.count(name) > 1:
            yield FieldError(_pointer(name), Text("This parameter is given once only."))


def _pointer(name: str) -> str:
    return "/query/" + name[:_LONGEST].replace("~", "~0").replace("/", "~1")


def _unknown(rules: RequestRules) -> Text:
    if not rules.known:
        return Text("This parameter is not known here; there are none.")
    known = ", ".join(sorted(rules.known))
    return Text("This parameter is not known here. Known are: {known}.", known=known)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _check_media_type(given: str | None, wanted: str) -> None:
    if not given:
        raise _wrong_type(wanted, Text("none"))
    message = Message()
    message["content-type"] = given
    found = message.get_content_type()
    is_json = found == JSON or (found.startswith("application/") and found.endswith("+json"))
    if found != wanted and not (wanted == JSON and is_json):
        raise _wrong_type(wanted, found)
    charset = message.get_content_charset()
    if charset is not None and charset not in {"utf-8", "utf8", "us-ascii"}:
        raise unsupported_media(NOT_UTF8)


def _wrong_type(wanted: str, found: str | Text) -> Problem:
    return unsupported_media(
        Text(
            "The body is expected as {wanted}, in the header Content-Type; found: {found}.",
            wanted=wanted,
            found=found if isinstance(found, Text) else found[:_LONGEST],
        )
    )
