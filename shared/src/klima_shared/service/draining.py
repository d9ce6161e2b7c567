"""The end of a service: not ready any more, what is under way is answered, then everything is
closed.

In this order nobody gets a fault: those who choose by readiness go elsewhere first, those who just
try find the door closed before they have sent anything, and those who are in get their answer.
"""

import asyncio
import time

import structlog
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Whoever was let in at the last moment has still to send the request.
SETTLE_SECONDS = 0.3

log = structlog.get_logger(__name__)


def is_draining(app: object) -> bool:
    """Whether this application was told to stop and still answers."""
    return bool(getattr(getattr(app, "state", None), "draining", False))


class CloseWhenDraining:
    """Asks those who keep their connection to come back on another one, which leads to somebody
    else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_draining(scope["app"]):
            return await self.app(scope, receive, send)

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(raw=message["headers"])["Connection"] = "close"
            await send(message)

        return await self.app(scope, receive, closing)


class Server(uvicorn.Server):
    """uvicorn's server with a gentle end; a second signal ends it at once, as ever."""

    def __init__(self, config: uvicorn.Config, *, delay: float) -> None:
        super().__init__(config)
        self.delay = delay

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Not ready for `delay` seconds, then closed to new connections, then uvicorn's own end."""
        app = self.config.loaded_app
        if hasattr(app, "state"):
            app.state.draining = True
        log.info("draining", seconds=self.delay)
        end = time.monotonic() + self.delay
        # Looked at again and again because a signal handler sets it.
        while time.monotonic() < end and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        for server in self.servers:
            server.close()
        if not self.force_exit:
            await asyncio.sleep(SETTLE_SECONDS)
        await super().shutdown(sockets)  # type: ignore[arg-type]
