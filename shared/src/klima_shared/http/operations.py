"""What operations say of themselves in the API document: the facts that dependencies of routes
tell, and the security, statuses and headers that follow from them.

    @tells(Fact.PAGES)
    async def _page(...): ...
"""

from collections.abc import Callable, Iterator
from enum import StrEnum, auto
from typing import Final, Protocol, TypeVar

from klima_shared.codes.access import Role
from klima_shared.http.documented_headers import headers
from klima_shared.wire.json import JsonObject as Json

F = TypeVar("F", bound=Callable[..., object])
_FACT: Final = "__klima_fact__"


class Fact(StrEnum):
    TOKEN = auto()  # a token is read; without one the answer is the public's
    LOGIN = auto()  # nobody gets 401
    IF_MATCH = auto()  # 428 without, 412 for an old one
    OPTIONAL_IF_MATCH = auto()  # the same, where the thing exists already
    REPEATABLE = auto()  # Idempotency-Key
    PAGES = auto()  # limit, cursor, Link
    LANGUAGE = auto()  # Accept-Language
    RATE_LIMIT = auto()  # 429
    TABLE = auto()  # JSON, CSV or Excel
    RANGES = auto()  # 206 and 416


Facts = frozenset[Fact | Role]


class Depending(Protocol):
    """FastAPI's tree of dependencies."""

    @property
    def call(self) -> Callable[..., object] | None: ...
    @property
    def dependencies(self) -> "list[Depending]": ...


def tells(*facts: Fact | Role) -> Callable[[F], F]:
    """Marks a dependency; a role is the one that a login needs."""

    def mark(function: F) -> F:
        setattr(function, _FACT, facts)
        return function

    return mark


def facts_of(dependant: Depending) -> Facts:
    """The facts of a route: those of all that it depends on."""
    return frozenset(_all(dependant))


def _all(dependant: Depending) -> Iterator[Fact | Role]:
    yield from getattr(dependant.call, _FACT, ())
    for dependency in dependant.dependencies:
        yield from _all(dependency)


PROBLEM: Final = "application/problem+json"
_DESCRIPTIONS: Final = {
    304: "The caller has this answer already (`If-None-Match`); no content",
    400: "The request can't be read",
    401: "No token where one is needed, or one that is not valid",
    403: "The token's roles or regions do not reach this far",
    404: "There is no such thing, or it is not for the caller",
    405: "This method is not offered here",
    409: "The state of the thing forbids it, or the key belongs to another content",
    410: "It was there and is gone for good; a cursor ahead of the feed is of data that is gone",
    412: "Somebody changed it since it was read",
    413: "The request is too large",
    414: "The address is too long",
    415: "This format is not read here",
    416: "The range lies outside of the file",
    422: "The request is understood, but something in it is wrong; `errors` names the places",
    428: "A change needs the ETag of the version that was read, in `If-Match`",
    429: "Too many requests from one connection",
    500: "An error on our side, logged under the request id",
    503: "Not available right now; try again later",
}
_HEADERS_OF: Final = {
    304: ("ETag", "Cache-Control", "Vary"),
    401: ("WWW-Authenticate",),
    412: ("ETag",),
    416: ("Content-Range",),
    429: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    503: ("Retry-After",),
}


def shared_response(status: int) -> Json:
    described: Json = {"description": _DESCRIPTIONS[status]}
    if status in _HEADERS_OF:
        described["headers"] = headers(*_HEADERS_OF[status])
    if status >= 400:
        described["content"] = {
            PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
        }
    return described


def is_shared(status: int) -> bool:
    return status in _DESCRIPTIONS


BEARER: Final = "bearer"
_READ: Final = ("ETag", "Cache-Control", "Vary")
_FRAMEWORK: Final = {"$ref": "#/components/schemas/HTTPValidationError"}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "`ETag` of an answer that is kept: 304 when it still holds",
    "schema": {"type": "string", "maxLength": 2000},
    "example": '"4f0c2a9be01d7733-3"',
}


def complete(operation: Json, method: str, path: str, facts: Facts) -> None:
    """Description, security, statuses and headers of one operation, in place."""
    said = [operation.get("description", ""), " ".join(_sentences(method, facts))]
    operation["description"] = "\n\n".join(text for text in said if text)
    operation.pop("security", None)
    if Fact.LOGIN in facts:
        operation["security"] = [{BEARER: []}]
    elif Fact.TOKEN not in facts:
        operation["security"] = []
    _tidy_parameters(operation, facts)
    responses = operation["responses"]
    responses.pop("default", None)
    own = {
        status: response
        for status, response in responses.items()
        if not _replaced(status, response)
    }
    public = not path.startswith(("/health", "/metrics"))
    statuses = _statuses(operation, method, facts) if public else set()
    statuses |= {int(status) for status in responses if status not in own}
    shared = {str(status): shared_response(status) for status in statuses if str(status) not in own}
    for status, response in own.items():
        if status.startswith("2") and public:
            response.setdefault("headers", {}).update(
                headers(*_headers(operation, method, facts, status))
            )
    if Fact.RANGES in facts:
        own["206"] = _part_of(own["200"])
    operation["responses"] = dict(sorted((own | shared).items()))
    if public and method == "get":
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)


def _part_of(whole: Json) -> Json:
    """A part of a file, as `Range` asked for it."""
    content = {
        media: description
        for media, description in whole.get("content", {}).items()
        if not media.endswith("json")
    }
    return {
        "description": "The part of the file that `Range` asked for",
        "headers": {**whole.get("headers", {}), **headers("Content-Range")},
        "content": content,
    }


def _sentences(method: str, facts: Facts) -> Iterator[str]:
    """What the facts mean for a caller."""
    roles = sorted(fact.value for fact in facts if isinstance(fact, Role))
    if Fact.LOGIN in facts:
        yield f"Needs a token with the role `{'`, `'.join(roles)}`."
    elif Fact.TOKEN in facts and method == "get":
        yield "Open to everybody; whoever may read drafts sees them too."
    elif Fact.TOKEN in facts:
        yield "Needs no token; with one, its holder may do more."
    else:
        yield "Open to everybody."
    if Fact.IF_MATCH in facts:
        yield "`If-Match` holds the `ETag` that was read."
    if Fact.OPTIONAL_IF_MATCH in facts:
        yield "What is there already is changed with the `ETag` that was read, in `If-Match`."
    if Fact.REPEATABLE in facts:
        yield "With an `Idempotency-Key` it may be repeated."
    if Fact.PAGES in facts:
        yield "Comes in pages: `next` is the `cursor` of the next one."
    if Fact.TABLE in facts:
        yield "As JSON, CSV or Excel: `format` or `Accept` says which."


def _replaced(status: str, response: Json) -> bool:
    """A response that says no more than the shared one: a problem, the framework's 422 included."""
    content = response.get("content", {})
    framework = content.get("application/json", {}).get("schema") == _FRAMEWORK
    plain = set(response) <= {"description", "content"} and set(content) <= {PROBLEM}
    return is_shared(int(status)) and (plain or framework)


def _tidy_parameters(operation: Json, facts: Facts) -> None:
    """Names of headers as people write them, no `null` (which no address can carry), and `If-Match`
    required where its lack is 428."""
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        kinds = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
        if any(one.get("type") == "number" for one in kinds):  # an amount, as text too
            kinds = [one for one in kinds if one.get("type") == "number"]
        if len(kinds) == 1:
            parameter["schema"] = {**schema, **kinds[0]}
            del parameter["schema"]["anyOf"]
        elif kinds:
            schema["anyOf"] = kinds
        if parameter["in"] == "header":
            parameter["name"] = "-".join(part.capitalize() for part in parameter["name"].split("-"))
            parameter["required"] = parameter["name"] == "If-Match" and Fact.IF_MATCH in facts


def _statuses(operation: Json, method: str, facts: Facts) -> set[int]:
    """What can happen to any request of this kind."""
    found = {401, 414, 422, 500, 503}
    if method == "get":
        found.add(304)
    if "requestBody" in operation:
        found |= {400, 413, 415}
    if Fact.LOGIN in facts:
        found.add(403)
    if facts & {Fact.IF_MATCH, Fact.OPTIONAL_IF_MATCH}:
        found |= {412, 428}
    if Fact.REPEATABLE in facts:
        found.add(409)
    if Fact.RANGES in facts:
        found.add(416)
    if Fact.RATE_LIMIT in facts:
        found.add(429)
    return found


def _headers(operation: Json, method: str, facts: Facts, status: str) -> list[str]:
    found = list(_READ) if method == "get" else []
    if Fact.PAGES in facts:
        found.append("Link")
    if facts & {Fact.IF_MATCH, Fact.OPTIONAL_IF_MATCH} and status != "204":
        found.append("ETag")
    if status == "201":
        # What a PUT makes lies at the address that it was sent to.
        found += ["Location", "ETag"] if method == "post" else ["ETag"]
    if Fact.RANGES in facts:
        found.append("Accept-Ranges")
    if Fact.RATE_LIMIT in facts:
        found += ["RateLimit", "RateLimit-Policy"]
    if Fact.REPEATABLE in facts:
        found.append("Idempotent-Replayed")
    if operation.get("deprecated"):
        found += ["Deprecation", "Sunset", "Link"]
    return list(dict.fromkeys(found))
