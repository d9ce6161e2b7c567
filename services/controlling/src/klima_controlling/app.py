"""Composition root of the controlling service."""

from __future__ import annotations

from fastapi import FastAPI

from klima_controlling.settings import Settings
from klima_controlling.storage import migrations
from klima_controlling.storage.tables import metadata
from klima_shared.server import create_service

DESCRIPTION = (
    "Indikatoren, Ziele, Fortschritt, Evaluation und Berichte. Indicators, targets, progress, evaluation and reports."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without `settings` they are read from the environment."""
    settings = settings or Settings.load()
    return create_service(
        "controlling",
        "Klimakreis: Controlling",
        DESCRIPTION,
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        routers=[],
    )
