"""Composition root of the controlling service."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from klima_controlling.budget import routes as budget
from klima_controlling.context import Contact, Frame
from klima_controlling.deliveries import routes as deliveries
from klima_controlling.indicators import routes as indicators
from klima_controlling.migrations import migrations
from klima_controlling.open_data import routes as open_data
from klima_controlling.progress import routes as progress
from klima_controlling.progress.actions import tell_all
from klima_controlling.reconciliation import routes as reconciliation
from klima_controlling.reports import downloads
from klima_controlling.reports import routes as reports
from klima_controlling.settings import Settings
from klima_controlling.status import routes as status
from klima_controlling.tables import metadata
from klima_controlling.targets import routes as targets
from klima_controlling.upstream.clients import BalanceService, MeasuresService, source, writer
from klima_controlling.upstream.queries import StoredCopies
from klima_controlling.upstream.tokens import token_from
from klima_controlling.website.pages import compile_pages
from klima_controlling.website.routes import embed_files, embeds
from klima_controlling.website.routes import help as help_pages
from klima_controlling.website.routes import regions as pages
from klima_shared.codes.fields import canonical_ags
from klima_shared.database.connections import Database
from klima_shared.service.server import create_service

DESCRIPTION = """Indikatoren, Ziele, Fortschritt, Evaluation und Berichte.

Indicators, targets, progress, evaluation and reports: the balance (top-down) beside the measures (bottom-up). Missing
data is never shown as reached; what another service says is kept, and its age is told when it can't be asked."""

log = structlog.get_logger(__name__)
TELL_SECONDS = 10.0
COPY_CONNECTIONS = 4

ROUTERS = (
    status.router,
    indicators.router,
    targets.router,
    progress.router,
    deliveries.router,
    budget.router,
    reconciliation.router,
    downloads.router,  # before: its addresses begin like those of reports
    reports.router,
    pages.router,
    embed_files.router,
    embeds.router,
    help_pages.router,
    *open_data.ROUTERS,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without `settings` they are read from the environment."""
    settings = settings or Settings.load()

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        frame: Frame = app.state.frame
        await asyncio.to_thread(compile_pages)
        stopping = asyncio.Event()
        telling = asyncio.create_task(_tell_later(app.state.database, frame, stopping))
        yield
        # Asked to stop, not cancelled: a connection cut off in the middle would be lost to the
        # pool.
        stopping.set()
        await telling
        await frame.balance.source.close()
        await frame.measures.source.close()
        if frame.measures.writer is not None:
            await frame.measures.writer.close()
        await app.state.copies.close()

    async def balance_ready() -> bool:
        return bool(await app.state.frame.balance.source.ready())

    async def measures_ready() -> bool:
        return bool(await app.state.frame.measures.source.ready())

    app = create_service(
        "controlling",
        "Klimakreis: Controlling",
        DESCRIPTION,
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        routers=ROUTERS,
        upstreams={"balance": balance_ready, "measures": measures_ready},
        lifespan=run,
    )
    app.state.pages = OrderedDict()
    app.state.copies = StoredCopies(_beside(settings))
    app.state.frame = _frame(settings, app.state.copies)
    return app


def _beside(settings: Settings) -> Database:
    """Connections for the copies alone. A request that holds one of the service's connections must
    never wait for a second one of them: as many such requests as there are connections would wait
    for each other.
    """
    own = {"database_pool_size": COPY_CONNECTIONS, "database_read_url": None}
    return Database(settings.model_copy(update=own), metadata)


def _frame(settings: Settings, store: StoredCopies) -> Frame:
    balance = str(settings.balance_url) if settings.balance_url else None
    measures = str(settings.measures_url) if settings.measures_url else None
    return Frame(
        county=canonical_ags(settings.county),
        balance=BalanceService(source("balance", balance, store)),
        measures=MeasuresService(
            source("measures", measures, store),
            writer(measures, token_from(settings.service_token_file)),
        ),
        contact=Contact(
            settings.contact_name,
            str(settings.contact_url) if settings.contact_url else None,
            settings.contact_mail,
        ),
        balance_public_url=str(settings.balance_public_url or balance or "").rstrip("/"),
        measures_public_url=str(settings.measures_public_url or measures or "").rstrip("/"),
    )


async def _tell_later(database: Database, frame: Frame, stopping: asyncio.Event) -> None:
    """What the measures service could not be told when it was written is told when it answers
    again."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), TELL_SECONDS)
            return
        try:
            await tell_all(database, frame)
        except (SQLAlchemyError, OSError) as error:
            log.warning("telling must wait", error=type(error).__name__)
