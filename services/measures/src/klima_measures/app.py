"""Composition root of the measures service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from klima_measures.base.model.context import FIELDS_OF_ACTION, Context, Fields
from klima_measures.base.routes import unknown_regions
from klima_measures.catalogue.routes import imports, lists, printing
from klima_measures.community.routes import feeds, records
from klima_measures.migrations import config as migrations
from klima_measures.migrations import metadata
from klima_measures.open_data.routes import catalogue as open_data
from klima_measures.open_data.routes import embeds
from klima_measures.participation.routes import context as participation
from klima_measures.participation.routes import decisions, ideas, packages, submission, workshops
from klima_measures.participation.routes import imports as idea_imports
from klima_measures.registers.routes import register_routers
from klima_measures.settings import Settings
from klima_measures.sheets.actions.writing import REGISTER_HOOKS
from klima_measures.sheets.routes import measures, workflow
from klima_measures.upstream.actions import Balance, balance_cache
from klima_shared.codes.regions import canonical_ags
from klima_shared.look import pdf as typesetting
from klima_shared.service.server import create_service
from klima_shared.upstream.client import ServiceClient

PARTICIPATION = (submission, idea_imports, ideas, decisions, workshops, packages, records, feeds)
SHEETS = (imports, lists, printing, measures, workflow)
DESCRIPTION = "Maßnahmen, Beteiligung und Kommunikation. Measures, participation and communication."


def context_from(settings: Settings) -> Context:
    return Context(canonical_ags(settings.county), Fields(settings.further_fields))


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without `settings` they are read from the environment."""
    settings = settings or Settings.load()
    url = settings.balance_url
    context = context_from(settings)
    balance = balance_cache(ServiceClient("balance", str(url))) if url else None

    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        typesetting.prepare()
        yield
        if balance is not None:
            await balance.close()

    app = create_service(
        "measures",
        "Klimakreis Measures",
        DESCRIPTION,
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        catalogue=open_data.build_catalogue,
        # Routes are looked through in their order; submitting ideas is what many do at once. Fixed
        # paths come before those with a parameter.
        routers=[
            *(module.router for module in PARTICIPATION),
            ideas.measure_router,
            *(module.router for module in SHEETS),
            lists.sums_router,
            measures.page_router,
            *register_routers(REGISTER_HOOKS),
            embeds.router,
            *open_data.ROUTERS,
        ],
        upstreams={"balance": balance.ready} if balance else {},
        lifespan=run,
        unknown_regions=unknown_regions,
        code_lists={FIELDS_OF_ACTION: list(context.fields.codes())},
    )
    app.state.context = context
    app.state.balance = Balance(balance)
    participation.install(app, settings)
    return app
