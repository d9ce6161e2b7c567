"""What the participation routes take from the running service: its settings, and who is calling
from where."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from klima_measures.participation.actions.rate_limit import Callers
from klima_measures.participation.actions.submission import Places
from klima_measures.participation.settings import ParticipationSettings


def install(app: FastAPI, settings: ParticipationSettings) -> None:
    """Called by the composition root."""
    app.state.callers = Callers(settings)
    app.state.places = Places(settings.county)


def _of(request: Request) -> Callers:
    return cast("Callers", request.app.state.callers)


# Coroutines, because FastAPI sends plain functions to a worker thread.
async def _callers(request: Request) -> Callers:
    return _of(request)


async def _places(request: Request) -> Places:
    return cast("Places", request.app.state.places)


async def _settings(request: Request) -> ParticipationSettings:
    return _of(request).settings


async def _address(request: Request) -> str:
    peer = request.client.host if request.client else None
    # Several headers are one list (RFC 9110); the nearest proxy's is the last.
    return _of(request).address(peer, ",".join(request.headers.getlist("x-forwarded-for")) or None)


CallersOf = Annotated[Callers, Depends(_callers)]
PlacesOf = Annotated[Places, Depends(_places)]
ParticipationOf = Annotated[ParticipationSettings, Depends(_settings)]
CallerAddress = Annotated[str, Depends(_address)]
