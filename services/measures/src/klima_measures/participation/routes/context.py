"""What the participation routes take from the running service: its settings, and who is calling
from where."""

from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from klima_measures.participation.actions.rate_limit import RateLimit
from klima_measures.participation.actions.submission import RegionCheck
from klima_measures.participation.model.settings import ParticipationSettings


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


async def _address(request: Request) -> str:
    peer = request.client.host if request.client else None
    # Several headers are one list (RFC 9110); the nearest proxy's is the last.
    return _of(request).address(peer, ",".join(request.headers.getlist("x-forwarded-for")) or None)


RateLimitOf = Annotated[RateLimit, Depends(_rate_limit)]
RegionCheckOf = Annotated[RegionCheck, Depends(_region_check)]
ParticipationOf = Annotated[ParticipationSettings, Depends(_settings)]
CallerAddress = Annotated[str, Depends(_address)]
