"""What the participation routes take from the running service: its settings, and who is calling
from where."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Path, Request, Response
from fastapi.routing import APIRoute

from klima_measures.participation.actions.rate_limit import RateLimit, household
from klima_measures.participation.actions.submission import RegionCheck
from klima_measures.participation.model.settings import ParticipationSettings
from klima_shared.http.more_headers import add_headers
from klima_shared.http.operations import Fact, tells


def install(app: FastAPI, settings: ParticipationSettings) -> None:
    """Called by the composition root."""
    app.state.rate_limit = RateLimit(settings)
    app.state.region_check = RegionCheck(settings.county)


def _of(request: Request) -> RateLimit:
    return cast("RateLimit", request.app.state.rate_limit)


# Coroutines, because FastAPI sends plain functions to a worker thread.
async def _rate_limit(request: Request) -> RateLimit:
    return _of(request)


async def _region_check(request: Request) -> RegionCheck:
    return cast("RegionCheck", request.app.state.region_check)


async def _settings(request: Request) -> ParticipationSettings:
    return _of(request).settings


def _address_of(request: Request) -> str:
    return household(request.client.host if request.client else None)


@tells(Fact.RATE_LIMIT)
async def _address(request: Request) -> str:
    return _address_of(request)


class CountedRoute(APIRoute):
    """For `APIRouter(route_class=...)`: what is sent without a login is counted, and refused (429)
    when it is too much, before its body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handler = super().get_route_handler()

        async def counted(request: Request) -> Response:
            # A bad token is refused before the body is looked at; a good one says who it is.
            if request.method == "POST" and "authorization" not in request.headers:
                limit, now = _of(request), datetime.now(UTC)
                left = limit.attempts.left(_address_of(request), now)
                add_headers(request, limit.headers(left, now))
                if left < 0:
                    raise limit.refuse_attempts(now)
            return await handler(request)

        return counted


RateLimitOf = Annotated[RateLimit, Depends(_rate_limit)]
RegionCheckOf = Annotated[RegionCheck, Depends(_region_check)]
ParticipationOf = Annotated[ParticipationSettings, Depends(_settings)]
CallerAddress = Annotated[str, Depends(_address)]
Reference = Annotated[
    str,
    Path(
        description="number of the idea",
        examples=["KI-7F3K-9QXM"],
        json_schema_extra={"minLength": 1, "maxLength": 40},
    ),
]
