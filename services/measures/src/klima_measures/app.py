"""Composition root of the measures service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from klima_measures.api import catalogue, participation
from klima_measures.api.public import PUBLIC
from klima_measures.settings import Settings
from klima_measures.storage import migrations
from klima_measures.storage.tables import metadata
from klima_measures.upstream.balance import balance_client
from klima_shared.service.server import create_service

DESCRIPTION = "Maßnahmen, Beteiligung und Kommunikation. Measures, participation and communication."


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without `settings` they are read from the environment."""
    settings = settings or Settings.load()
    balance = balance_client(str(settings.balance_url) if settings.balance_url else None)

    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        yield
        if balance is not None:
            await balance.close()

    app = create_service(
        "measures",
        "Klimakreis: Maßnahmen",
        DESCRIPTION,
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        # Routes are looked through in their order; the hand-in of ideas is what many do at once.
        routers=[*participation.ROUTERS, *catalogue.ROUTERS, *PUBLIC],
        upstreams={"balance": balance.ready} if balance else {},
        lifespan=run,
    )
    catalogue.install(app, settings, balance)
    participation.install(app, settings)
    return app
