"""The routers of measures, and what they need of the app."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, FastAPI

from klima_measures.catalogue.routes import imports, sums
from klima_measures.catalogue.routes import printing as catalogues
from klima_measures.framing import frame_from
from klima_measures.registers import routes as registers
from klima_measures.settings import Settings
from klima_measures.sheets.routes import measures, workflow
from klima_measures.sheets.routes import pages as sheets
from klima_measures.sheets.routes import reports as reported
from klima_shared.upstream.cache import CachedClient

# Fixed paths come before those with a parameter.
ROUTERS: Final[tuple[APIRouter, ...]] = (
    imports.router,
    sums.router,
    catalogues.router,
    measures.router,
    workflow.router,
    reported.router,
    sheets.router,
    *registers.ROUTERS,
)


def install(app: FastAPI, settings: Settings, balance: CachedClient | None) -> None:
    app.state.frame = frame_from(settings, balance)
