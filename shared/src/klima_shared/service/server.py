"""How a service is put together: the same frame for all three. Its `app.py` says what goes into
it."""

import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NotRequired, TypedDict, Unpack

import anyio
import typer
import uvicorn
from alembic.config import Config
from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from sqlalchemy import MetaData
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from klima_shared.codes.configured import CodeLists
from klima_shared.database.connections import Database
from klima_shared.database.migrations import head_revision, older_revisions, upgrade
from klima_shared.http.addresses import check_address, install_addresses
from klima_shared.http.auth import Authenticator
from klima_shared.http.database_errors import install_database_handlers
from klima_shared.http.document import describe
from klima_shared.http.json_bodies import check_json_body
from klima_shared.http.middleware import (
    BodyLimit,
    Conditional,
    HeadAsGet,
    ReadAgain,
    ReadWriteCors,
    RealAddress,
    SecurityHeaders,
)
from klima_shared.http.problems import install_handlers
from klima_shared.http.ranges import KeptFiles
from klima_shared.http.references import UnknownRegions, check_regions
from klima_shared.http.sparse import Sparse
from klima_shared.http.strict import check_request, install_request_rules
from klima_shared.open_data.routes import Build
from klima_shared.service.bounded import BoundedProtocol
from klima_shared.service.draining import CloseWhenDraining, Server
from klima_shared.service.health import UpstreamCheck, health_router
from klima_shared.service.metrics import instrument, metrics_server
from klima_shared.service.observability import configure_logging
from klima_shared.service.settings import ServiceSettings
from klima_shared.service.tracing import telemetry, tracer_provider

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Parts(TypedDict):
    """What a service brings into the frame."""

    metadata: MetaData
    migrations: Config
    routers: Sequence[APIRouter]
    upstreams: NotRequired[Mapping[str, UpstreamCheck]]
    catalogue: NotRequired[Build]
    """Its open data, for the routes of `open_data.routes`."""
    unknown_regions: NotRequired[UnknownRegions]
    """How bodies are checked for regions that nobody has; without it the actions check theirs."""
    lifespan: NotRequired[Lifespan]
    """Opens what the service has beside the database; it is closed before the database is."""
    code_lists: NotRequired[CodeLists]
    """What the installation's codes are, for the API document."""


def create_service(
    name: str, title: str, description: str, *, settings: ServiceSettings, **parts: Unpack[Parts]
) -> FastAPI:
    """The application of a service: routes, problems, tokens, conditional reads, limits, logs,
    metrics, health."""
    spans = tracer_provider(name)

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        # Here and not in `serve`, so that every worker process has it.
        if settings.environment != "test":
            configure_logging(name, settings.log_level)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(app.state.database.close)
            if settings.metrics_port is not None:
                stack.enter_context(metrics_server(app, settings.host, settings.metrics_port))
            if spans is not None:
                stack.push_async_callback(anyio.to_thread.run_sync, spans.shutdown)
            folder = stack.enter_context(TemporaryDirectory(prefix="klima-"))
            app.state.files = KeptFiles(Path(folder))
            if "lifespan" in parts:
                await stack.enter_async_context(parts["lifespan"](app))
            # A test's process has many applications, one after the other.
            if settings.environment != "test":
                settle_memory()
            yield
            app.state.draining = True

    app = FastAPIOffline(
        title=title,
        description=description,
        version="0.1.0",
        lifespan=run,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        telemetry=telemetry(spans),
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    app.state.settings = settings
    app.state.database = Database(settings, parts["metadata"], requests=True)
    app.state.authenticator = Authenticator(settings)
    app.state.cached_answers = {}
    app.state.catalogue = parts.get("catalogue")
    app.state.unknown_regions = parts.get("unknown_regions")
    install_handlers(app)
    install_database_handlers(app)
    heads = head_revision(parts["migrations"]), older_revisions(parts["migrations"])
    for router in (health_router(*heads, parts.get("upstreams", {})), *parts["routers"]):
        checks = [Depends(check_address), Depends(check_request), Depends(check_json_body)]
        checks.append(Depends(check_regions))
        app.include_router(router, dependencies=checks)
    install_addresses(app)
    install_request_rules(app)
    _add_middleware(app, name, settings)
    describe(app, f"klima_{name}", parts.get("code_lists", {}))
    return app


def _add_middleware(app: FastAPI, name: str, settings: ServiceSettings) -> None:
    # The first one added is the innermost. Metrics and logs stand outside of what answers 304 and
    # HEAD.
    app.add_middleware(ReadAgain)
    app.add_middleware(
        BodyLimit, limit=settings.max_body_bytes, upload_limit=settings.max_upload_bytes
    )
    app.add_middleware(Sparse)
    app.add_middleware(Conditional)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HeadAsGet)
    app.add_middleware(ReadWriteCors, write_origins=settings.write_origins)
    instrument(app, name, offer=settings.metrics_port is None)
    app.add_middleware(CloseWhenDraining)
    app.add_middleware(CorrelationIdMiddleware, header_name="X-Request-ID")
    app.add_middleware(RealAddress, proxies=settings.trusted_proxies)


def settle_memory() -> None:
    """Tell the garbage collector that what is there now stays.

    An application is some 200,000 objects; looking through all of them stops every request for a
    tenth of a second and more, again and again.
    """
    gc.collect()
    gc.freeze()
    # A request leaves some thousand objects and hardly a cycle: looking after every 700 cost a
    # twentieth of its time.
    gc.set_threshold(20_000, 20, 20)


def _operation_id(route: APIRoute) -> str:
    return route.name


def serve(factory: str, settings: ServiceSettings, *, workers: int = 1) -> None:
    """Run a service until it is told to stop; requests under way are finished first.

    One process ends gently (`draining.Server`). With several, uvicorn's supervisor runs them: in
    containers, more containers are better than more workers.
    """
    config = uvicorn.Config(
        factory,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
        timeout_keep_alive=settings.keep_alive_seconds,
        http=BoundedProtocol,
        ws="none",
        proxy_headers=False,  # `middleware.RealAddress` reads them
    )
    if workers > 1:
        Multiprocess(config, sockets=[config.bind_socket()]).run()
        return
    server = Server(config, delay=settings.shutdown_delay_seconds)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def commands(
    package: str, settings: type[ServiceSettings], migrations: Callable[[str], Config]
) -> typer.Typer:
    """The commands that every service has; its `cli.py` adds its own."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.command()
    def migrate() -> None:
        """Bring the database schema to the state this program was built for."""
        upgrade(migrations(settings.load().database_url))

    @app.command("serve")
    def run(port: int | None = None, host: str | None = None, workers: int = 1) -> None:
        """Answer HTTP until stopped."""
        given = {k: v for k, v in {"port": port, "host": host}.items() if v is not None}
        serve(
            f"{package}.app:create_app", settings.load().model_copy(update=given), workers=workers
        )

    return app
