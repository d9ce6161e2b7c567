"""Composition root of the controlling service."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError

from klima_controlling.base.actions import Context
from klima_controlling.base.model import Contact
from klima_controlling.base.routes import context_of
from klima_controlling.base.tables import metadata
from klima_controlling.budget import routes as budget
from klima_controlling.deliveries import routes as deliveries
from klima_controlling.indicators import routes as indicators
from klima_controlling.migrations import migrations
from klima_controlling.open_data import routes as open_data
from klima_controlling.progress import routes as progress
from klima_controlling.progress.actions import report_all
from klima_controlling.reconciliation import routes as reconciliation
from klima_controlling.reports.routes import files as downloads
from klima_controlling.reports.routes import reports
from klima_controlling.settings import Settings
from klima_controlling.status import routes as status
from klima_controlling.targets import routes as targets
from klima_controlling.upstream.actions import unknown_regions
from klima_controlling.upstream.queries import StoredAnswers
from klima_controlling.website.pages import compile_pages
from klima_controlling.website.routes import embed_files, embeds
from klima_controlling.website.routes import help as help_pages
from klima_controlling.website.routes import regions as pages
from klima_shared.codes.regions import canonical_ags
from klima_shared.database.connections import Database
from klima_shared.http.service_tokens import TokenSupplier
from klima_shared.look import pdf as typesetting
from klima_shared.service.server import create_service
from klima_shared.upstream.balance import BalanceClient
from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.measures import MeasuresClient
from klima_shared.upstream.model import Patience

DESCRIPTION = """Indikatoren, Ziele, Fortschritt, Evaluation und Berichte.

Indicators, targets, progress, evaluation and reports: the balance (top-down) beside the measures
(bottom-up). Missing data is never shown as reached; what another service says is kept, and its age
is told when it can't be asked."""

log = structlog.get_logger(__name__)
REPORT_SECONDS = 10.0
CACHE_CONNECTIONS = 4

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
        context: Context = app.state.context
        await asyncio.to_thread(compile_pages)
        typesetting.prepare()
        stopping = asyncio.Event()
        reporting = asyncio.create_task(_report_later(app.state.database, context, stopping))
        yield
        # Asked to stop, not cancelled: a connection cut off in the middle would be lost to the
        # pool.
        stopping.set()
        await reporting
        await context.balance.cache.close()
        await context.measures.cache.close()
        if context.measures.writer is not None:
            await context.measures.writer.close()
        await app.state.stored_answers.close()

    async def balance_ready() -> bool:
        return bool(await app.state.context.balance.cache.ready())

    async def measures_ready() -> bool:
        return bool(await app.state.context.measures.cache.ready())

    app = create_service(
        "controlling",
        "Klimakreis Controlling",
        DESCRIPTION,
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        catalogue=open_data.build_catalogue,
        routers=ROUTERS,
        upstreams={"balance": balance_ready, "measures": measures_ready},
        lifespan=run,
        unknown_regions=_unknown_regions,
    )
    app.state.pages = OrderedDict()
    app.state.stored_answers = StoredAnswers(_beside(settings))
    app.state.context = _context(settings, app.state.stored_answers)
    return app


async def _unknown_regions(request: Request, keys: Sequence[str]) -> list[str]:
    return await unknown_regions(context_of(request), keys)


def _beside(settings: Settings) -> Database:
    """Connections for the stored answers alone. A request that holds one of the service's
    connections must never wait for a second one of them: as many such requests as there are
    connections would wait for each other.
    """
    own = {"database_pool_size": CACHE_CONNECTIONS, "database_read_url": None}
    return Database(settings.model_copy(update=own), metadata, requests=True)


def _context(settings: Settings, store: StoredAnswers) -> Context:
    balance = str(settings.balance_url) if settings.balance_url else None
    measures = str(settings.measures_url) if settings.measures_url else None
    return Context(
        county=canonical_ags(settings.county),
        balance=BalanceClient(_cached("balance", balance, store)),
        measures=MeasuresClient(
            _cached("measures", measures, store), _writer(measures, settings.service_token_file)
        ),
        contact=Contact(
            settings.contact_name,
            str(settings.contact_url) if settings.contact_url else None,
            settings.contact_mail,
        ),
        four_eyes=settings.four_eyes,
        balance_public_url=str(settings.balance_public_url or balance or "").rstrip("/"),
        measures_public_url=str(settings.measures_public_url or measures or "").rstrip("/"),
    )


def _cached(service: str, url: str | None, store: StoredAnswers) -> CachedClient:
    """Without an address it answers from stored answers only."""
    return CachedClient(service, ServiceClient(service, url) if url else None, store)


def _writer(url: str | None, token_file: Path | None) -> ServiceClient | None:
    """A client that may write; None where there is no address or no token."""
    if url is None or token_file is None:
        return None
    patience = Patience(timeout=5.0, attempts=1, deadline=8.0)
    return ServiceClient("measures", url, token=_token_from(token_file), patience=patience)


def _token_from(path: Path) -> TokenSupplier:
    """A supplier that reads the file at every call: it may be renewed at any time, is small, and
    calls with it are rare."""

    async def supply() -> str:
        return (await anyio.Path(path).read_text()).strip()

    return supply


async def _report_later(database: Database, context: Context, stopping: asyncio.Event) -> None:
    """What could not be reported to the measures service when it was written is reported when it
    answers again."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), REPORT_SECONDS)
            return
        try:
            await report_all(database, context)
        except (SQLAlchemyError, OSError) as error:
            log.warning("reporting must wait", error=type(error).__name__)
