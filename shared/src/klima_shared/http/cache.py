"""Routes whose answers are the same for everybody: cached for a second, so that a busy page does
not ask the database each time."""

from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Final, NamedTuple

from fastapi import Request, Response
from fastapi.routing import APIRoute

from klima_shared.database.connections import database_of
from klima_shared.http.language import negotiate

SECONDS: Final = 1.0
MOST: Final = 500


class CachedAnswer(NamedTuple):
    until: float
    writes: int
    """Of the database, before the answer was read: a write in between makes it an old one."""
    response: Response


class CachedRoute(APIRoute):
    """For `APIRouter(route_class=...)`: a whole answer by address and language, far younger than
    its `max-age` allows.

    Dropped with the next write of this process: who publishes sees it at once, another process a
    second later. Not in tests, whose data is changed from outside too. Streams and errors are never
    cached.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handler = super().get_route_handler()

        async def cached(request: Request) -> Response:
            state, database = request.app.state, database_of(request)
            # A token that is there must be good, and only the handler looks at it.
            if state.settings.environment == "test" or "authorization" in request.headers:
                return await handler(request)
            language = negotiate(request.headers.get("accept-language"))
            key = (request.url.path, request.url.query, language)
            answers: dict[object, CachedAnswer] = state.cached_answers
            answer = answers.get(key)
            if answer is None or answer.until < monotonic() or answer.writes != database.writes:
                writes = database.writes
                response = await handler(request)
                if response.status_code != 200 or not hasattr(response, "body"):
                    return response
                if len(answers) >= MOST:
                    answers.clear()
                answer = answers[key] = CachedAnswer(monotonic() + SECONDS, writes, response)
            copy = Response(answer.response.body, 200)
            copy.raw_headers = list(answer.response.raw_headers)
            return copy

        return cached
