"""What the participation routes take from the running service: its settings, and who is calling from where."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from klima_measures.participation_settings import ParticipationSettings
from klima_measures.usecases.callers import Callers


def install(app: FastAPI, settings: ParticipationSettings) -> None:
    """Called by the composition root."""
    app.state.callers = Callers(settings)


def _callers(request: Request) -> Callers:
    return cast("Callers", request.app.state.callers)


def _settings(request: Request) -> ParticipationSettings:
    return _callers(request).settings


def _address(request: Request) -> str:
    peer = request.client.host if request.client else None
    # Several headers are one list (RFC 9110); the nearest proxy's is the last.
    return _callers(request).address(peer, ",".join(request.headers.getlist("x-forwarded-for")) or None)


CallersOf = Annotated[Callers, Depends(_callers)]
ParticipationOf = Annotated[ParticipationSettings, Depends(_settings)]
CallerAddress = Annotated[str, Depends(_address)]
