"""Routes whose answers are the same for everybody: remembered for a second, so that a busy page
asks us in vain."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from klima_shared.database.connections import database_of
from klima_shared.language.numbers import negotiate

SECONDS: Final = 1.0
MOST: Final = 500


class RememberedRoute(APIRoute):
    """For `APIRouter(route_class=...)`: a whole answer by address and language, far younger than
    its `max-age` allows.

    Forgotten with the next write of this process: who publishes sees it at once; another process
    says it a second later. Not in tests, whose data is changed from outside too. Streams and errors
    are never remembered.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def remembered(request: Request) -> Response:
            state, database = request.app.state, database_of(request)
            if state.settings.environment == "test":
                return await handler(request)
            if not hasattr(state, "remembered"):
                state.remembered = {}
            kept: dict[Any, tuple[float, int, Response]] = state.remembered
            key = (
                request.url.path,
                request.url.query,
                negotiate(request.headers.get("accept-language")),
            )
            found = kept.get(key)
            if found is None or found[0] < time.monotonic() or found[1] != database.writes:
                writes = (
                    database.writes
                )  # before it is read: a write in between makes this answer an old one
                answer = await handler(request)
                if answer.status_code != 200 or not hasattr(answer, "body"):
                    return answer
                if len(kept) >= MOST:
                    kept.clear()
                found = kept[key] = (time.monotonic() + SECONDS, writes, answer)
            copy = Response(found[2].body, 200)
            copy.raw_headers = list(found[2].raw_headers)
            return copy

        return remembered
