"""Composition root of the measures service."""

from __future__ import annotations

from fastapi import FastAPI

from klima_measures.api import participation
from klima_measures.settings import Settings
from klima_measures.storage import migrations
from klima_measures.storage.tables import metadata
from klima_shared.server import create_service

DESCRIPTION = "Maßnahmen, Beteiligung und Kommunikation. Measures, participation and communication."


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without `settings` they are read from the environment."""
    settings = settings or Settings.load()
    app = create_service(
        "measures",
        "Klimakreis: Maßnahmen",
        DESCRIPTION,
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        routers=[*participation.ROUTERS],
    )
    participation.install(app, settings)
    return app
