"""The routers of measures, and what they need of the app."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, FastAPI

from klima_measures.api import measures, sheets, workflow
from klima_measures.domain.fields import Fields
from klima_measures.settings import Settings
from klima_measures.upstream.balance import Balance
from klima_measures.usecases.frame import Frame
from klima_shared.clients import ServiceClient
from klima_shared.types import canonical_ags

# Fixed paths come before those with a parameter.
ROUTERS: Final[tuple[APIRouter, ...]] = (measures.router, workflow.router, sheets.router)


def install(app: FastAPI, settings: Settings, balance: ServiceClient | None) -> None:
    app.state.frame = Frame(canonical_ags(settings.county), Fields(settings.further_fields), Balance(balance))
