"""Composition root of the balance service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from fastapi import FastAPI

from klima_balance.balances.routes import (
    balances,
    changes,
    charts,
    comparisons,
    concept,
    embeds,
    members,
    quality,
    recalculations,
    renewables,
    series,
    views,
)
from klima_balance.factors import routes as factor_sets
from klima_balance.heat import routes as heat_supply
from klima_balance.imports.routes import activities, estimates
from klima_balance.imports.routes import files as imports
from klima_balance.method import load_method
from klima_balance.open_data.routes import catalogue as open_data
from klima_balance.open_data.routes import exports
from klima_balance.organisation.routes import balances as organisation_balances
from klima_balance.organisation.routes import organisations, regions, registers
from klima_balance.regions.tables import metadata
from klima_balance.scenarios.routes import files as scenario_files
from klima_balance.scenarios.routes import potentials, scenarios
from klima_balance.scenarios.routes import views as scenario_views
from klima_balance.settings import Settings, migrations
from klima_balance.weather import routes as degree_days
from klima_shared.open_data.routes import router as open_data_router
from klima_shared.service.server import create_service

DESCRIPTION = """Energie- und Treibhausgasbilanzen von Gemeinden, Kreisen, Ländern und Deutschland.

Every figure explains itself: `/explain` gives the activity rows, the factors and the arithmetic
behind it. What is published never changes; a correction is a new version. BISKO, agriculture,
land use, processes and emissions trading, and renewables are separate blocks and never mixed."""


@asynccontextmanager
async def _with_method(app: FastAPI) -> AsyncIterator[None]:
    app.state.method = await anyio.to_thread.run_sync(load_method)
    yield


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without `settings` they are read from the environment."""
    settings = settings or Settings.load()
    return create_service(
        "balance",
        "Klimakreis Balance",
        DESCRIPTION,
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        catalogue=open_data.build_catalogue,
        routers=[
            regions.router,
            factor_sets.router,
            estimates.router,
            activities.router,
            imports.router,
            imports.form_router,
            heat_supply.router,
            balances.region_router,
            members.router,
            balances.router,
            quality.router,
            recalculations.region_router,
            recalculations.router,
            views.router,
            concept.router,
            degree_days.router,
            organisations.router,
            registers.router,
            organisation_balances.router,
            series.router,
            comparisons.router,
            renewables.router,
            changes.router,
            charts.router,
            embeds.router,
            open_data.changes_router,
            exports.router,
            open_data_router,
            scenarios.router,
            scenario_views.router,
            scenario_views.balance_router,
            scenario_files.router,
            scenario_files.balance_router,
            potentials.router,
            scenario_views.targets_router,
        ],
        lifespan=_with_method,
    )
