"""Errors as RFC 9457 problems: what a route raises, and the handlers that write the answer.

Every 4xx and 5xx of every service passes through here, the framework's own errors included. A
problem names the place (a JSON pointer), what was found and what was expected. No stack trace and
no internal name leaves.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, TypedDict

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from klima_shared.http.language import negotiate
from klima_shared.http.validation import MOST_ERRORS, pointer_of, validation_text
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:klimakreis:problem:"


class FieldError(NamedTuple):
    """One place that is wrong: a JSON pointer (`/body/year`, `/line/3/quantity`) and what is wrong
    there."""

    pointer: str
    detail: Text


class Problem(Exception):  # noqa: N818  (the term of RFC 9457)
    """An error the caller can understand. Raise it anywhere below a route; the handler writes
    it."""

    def __init__(
        self,
        status: int,
        slug: str,
        title: Text,
        detail: Text | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail.en if detail else title.en)
        self.status, self.slug, self.title = status, slug, title
        self.detail, self.errors = detail or title, tuple(errors[:MOST_ERRORS])
        self.headers, self.extra = dict(headers or {}), extra


def not_found(detail: Text) -> Problem:
    return Problem(404, "not-found", Label("Nicht gefunden", "Not found"), detail)


def conflict(detail: Text, **extra: Any) -> Problem:
    """409: the request is right, the state of the thing forbids it."""
    return Problem(
        409,
        "conflict",
        Label("Widerspruch zum Zustand", "Conflict with the current state"),
        detail,
        **extra,
    )


def invalid(detail: Text, *errors: FieldError, **extra: Any) -> Problem:
    """422: the request is understood but its content is wrong; `errors` name the places."""
    title = Label("Ungültige Angaben", "Invalid content")
    return Problem(422, "invalid-content", title, detail, errors=errors, **extra)


def invalid_at(pointer: str, text: Text) -> Problem:
    """422 with one place, the most frequent case."""
    return invalid(text, FieldError(pointer, text))


def unsupported_media(detail: Text) -> Problem:
    """415: the body is of a kind or in an encoding that is not read."""
    return Problem(415, *_HTTP_TEXTS[415], detail)


def gone(detail: Text) -> Problem:
    """410: it was there, or seemed to be, and is gone for good."""
    return Problem(410, "gone", Label("Nicht mehr da", "Gone"), detail)


def forbidden(detail: Text) -> Problem:
    return Problem(403, "forbidden", Label("Nicht erlaubt", "Forbidden"), detail)


def unauthorized(detail: Text) -> Problem:
    title = Label("Anmeldung nötig", "Authentication required")
    return Problem(401, "unauthorized", title, detail, headers={"WWW-Authenticate": "Bearer"})


def unavailable(detail: Text, retry_after: int = 5) -> Problem:
    title = Label("Vorübergehend nicht verfügbar", "Temporarily unavailable")
    return Problem(503, "unavailable", title, detail, headers={"Retry-After": str(retry_after)})


class ProblemError(BaseModel):
    pointer: str = Field(
        description="JSON pointer to the place in the request", examples=["/body/year"]
    )
    detail: str = Field(description="What is wrong there and what was expected")


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(examples=[TYPE_PREFIX + "not-found"])
    title: str = Field(examples=["Nicht gefunden"])
    status: int = Field(examples=[404])
    detail: str | None = Field(
        default=None, examples=["Es gibt keine Gebietseinheit mit dem Schlüssel 05999999."]
    )
    instance: str | None = Field(
        default=None, description="Path of the request", examples=["/v1/regions/05999999"]
    )
    errors: list[ProblemError] = Field(default_factory=list)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: these statuses, each answered as a problem."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


class Serving(TypedDict):
    """Options of a route; what they are is FastAPI's."""

    response_class: type[Response]
    responses: dict[int | str, dict[str, Any]]


def serving(media: str, *problems: int, **schema: str) -> Serving:
    """How a route describes itself that answers with a file of this media type, or one of these
    problems."""
    content = {media: {"schema": {"type": "string", **schema}}}
    responses = {200: {"content": content}, **problem_responses(*problems)}
    return Serving(response_class=Response, responses=responses)


def document(problem: Problem, language: Lang, instance: str) -> dict[str, object]:
    """The problem as it stands in an answer."""
    return {
        "type": TYPE_PREFIX + problem.slug,
        "title": problem.title.get(language),
        "status": problem.status,
        "detail": problem.detail.get(language),
        "instance": instance,
        "errors": [
            {"pointer": e.pointer, "detail": e.detail.get(language)} for e in problem.errors
        ],
        **problem.extra,
    }


def write_problem(request: Request, problem: Problem) -> JSONResponse:
    language = negotiate(request.headers.get("accept-language"))
    body = document(problem, language, request.url.path)
    headers = {
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        **problem.headers,
    }
    return JSONResponse(body, problem.status, headers, MEDIA_TYPE)


def too_slow() -> Problem:
    title = Label("Die Anfrage kam zu langsam", "The request came too slowly")
    return Problem(408, "too-slow", title, Text("The rest of the request did not come in time."))


def address_too_long() -> Problem:
    title = Label("Die Adresse ist zu lang", "The address is too long")
    return Problem(414, "address-too-long", title, Text("Please ask with fewer parameters."))


def header_too_large() -> Problem:
    title = Label("Die Kopfzeilen sind zu groß", "The header is too large")
    text = Text("The request has too many or too long header fields.")
    return Problem(431, "header-too-large", title, text)


def unknown_method() -> Problem:
    title = Label("Diese Methode gibt es nicht", "There is no such method")
    return Problem(
        501, "unknown-method", title, Text("Known are GET, HEAD, POST, PUT, PATCH, DELETE.")
    )


def unreadable() -> Problem:
    return Problem(400, *_HTTP_TEXTS[400], Text("This is no request of HTTP/1.1."))


def too_many_connections() -> Problem:
    return unavailable(Text("Too many connections at once. Please try again in a moment."))


_HTTP_TEXTS: dict[int, tuple[str, Text]] = {
    400: ("bad-request", Label("Die Anfrage ist nicht lesbar", "The request can't be read")),
    401: ("unauthorized", Label("Anmeldung nötig", "Authentication required")),
    403: ("forbidden", Label("Nicht erlaubt", "Forbidden")),
    404: ("not-found", Label("Diese Adresse gibt es nicht", "There is nothing at this address")),
    405: (
        "method-not-allowed",
        Label("Diese Methode gibt es hier nicht", "This method is not offered here"),
    ),
    413: ("too-large", Label("Die Anfrage ist zu groß", "The request is too large")),
    415: (
        "unsupported-media-type",
        Label("Dieses Format wird nicht gelesen", "This format is not read here"),
    ),
}


NOT_UTF8 = Text("Text is read in UTF-8 only.")


def from_http_exception(error: HTTPException) -> Problem:
    slug, title = _HTTP_TEXTS.get(error.status_code, ("http-error", Label("Fehler", "Error")))
    detail = error.detail if isinstance(error.detail, Text) else None
    return Problem(error.status_code, slug, title, detail, headers=error.headers)


def not_offered(methods: Sequence[str]) -> Problem:
    slug, title = _HTTP_TEXTS[405]
    allowed = ", ".join(methods)
    text = Text("Offered here: {methods}.", methods=allowed)
    return Problem(405, slug, title, text, headers={"Allow": allowed})


def from_validation_error(error: RequestValidationError) -> Problem:
    found = error.errors()
    errors = [FieldError(pointer_of(e["loc"]), validation_text(e)) for e in found]
    if any(e["type"] == "json_invalid" for e in found):
        title = Label("Der Inhalt ist kein gültiges JSON", "The body is not valid JSON")
        return Problem(400, "invalid-json", title, errors=errors)
    more = Text("{count} values are invalid.", count=len(errors))
    return invalid(errors[0].detail if len(errors) == 1 else more, *errors)


def install_handlers(app: FastAPI) -> None:
    """Answer every error of `app` as a problem; those of the database: `database_errors`."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)  # noqa: S101
        return write_problem(request, error)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        if isinstance(error.__cause__, UnicodeDecodeError):
            return write_problem(request, unsupported_media(NOT_UTF8))
        return write_problem(request, from_http_exception(error))

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return write_problem(request, from_validation_error(error))

    async def on_anything(request: Request, error: Exception) -> JSONResponse:
        log.error("unhandled error", error=type(error).__name__, exc_info=error)
        return write_problem(request, internal())

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(Exception, on_anything)


def unstorable() -> Problem:
    return invalid(
        Text(
            "The content has a character or a number that can't be stored (the character NUL, say)."
        )
    )


def internal() -> Problem:
    text = Text("An error on our side. It is logged under the request id (X-Request-ID).")
    return Problem(500, "internal", Label("Interner Fehler", "Internal error"), text)
