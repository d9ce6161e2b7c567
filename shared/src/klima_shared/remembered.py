"""Routes whose answers are the same for everybody: remembered for some seconds, so that a busy page asks us in vain."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from klima_shared.i18n import negotiate

SECONDS: Final = 5.0
MOST: Final = 500


class RememberedRoute(APIRoute):
    """For `APIRouter(route_class=...)`: a whole answer by address and language, far younger than its `max-age` allows.

    Not in tests, where what was just written is to be seen at once. Streams and errors are never remembered.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def remembered(request: Request) -> Response:
            state = request.app.state
            if state.settings.environment == "test":
                return await handler(request)
            if not hasattr(state, "remembered"):
                state.remembered = {}
            kept: dict[Any, tuple[float, Response]] = state.remembered
            key = (request.url.path, request.url.query, negotiate(request.headers.get("accept-language")))
            found = kept.get(key)
            if found is None or found[0] < time.monotonic():
                answer = await handler(request)
                if answer.status_code != 200 or not hasattr(answer, "body"):
                    return answer
                if len(kept) >= MOST:
                    kept.clear()
                found = kept[key] = (time.monotonic() + SECONDS, answer)
            copy = Response(found[1].body, 200)
            copy.raw_headers = list(found[1].raw_headers)
            return copy

        return remembered
