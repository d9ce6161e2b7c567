"""The controlling service on a real Postgres, with the real balance and measures services behind a
switch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import klima_balance.app
import klima_balance.settings
import klima_measures.app
import klima_measures.settings
from klima_controlling.app import create_app
from klima_controlling.settings import Settings
from klima_shared.http.service_tokens import fixed_token
from klima_shared.upstream.balance import BalanceClient
from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.measures import MeasuresClient
from klima_shared.upstream.model import Patience, Timing

COUNTY = "05974000"
NOW = datetime(
    2026, 11, 22, 11, 0, tzinfo=UTC
)  # five years after the newest balance: a year later it is too old for a light
PATIENCE = 60.0  # a machine that stands still for a while is no fault of what these tests look at
BALANCES = (
    ["load-method"],
    ["compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish"],
)


class Switch(httpx.AsyncBaseTransport):
    """The way to another service; `up = False` cuts it. Counts what passes, and keeps waiting what
    has `slow` in its address until `open`.
    """

    def __init__(self, app: FastAPI) -> None:
        self.inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.up = True
        self.asked: list[str] = []
        self.slow = ""
        self.fails = ("", "")  # part of an address, and "cut" or "unknown"
        self.reached, self.open = asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.raw_path.decode())
        if not self.up:
            raise httpx.ConnectError("cut", request=request)
        part, failure = self.fails
        if part and part in self.asked[-1]:
            if failure == "unknown":
                return httpx.Response(404, request=request)
            raise httpx.ConnectError("cut", request=request)
        if self.slow and self.slow in self.asked[-1]:
            self.reached.set()
            await self.open.wait()
        return await self.inner.handle_async_request(request)


@dataclass
class World:
    """Controlling and the two services it reads."""

    client: httpx.AsyncClient
    app: FastAPI
    balance: Switch
    measures: Switch
    balance_client: httpx.AsyncClient
    measures_client: httpx.AsyncClient
    tokens: Any
    database: Any

    def as_(self, role: str, region: str = COUNTY, **headers: str) -> dict[str, str]:
        return {**self.tokens.headers(role, region=region), **headers}

    async def measure(self, **query: str) -> dict[str, Any]:
        """A published example measure of the county, not begun yet or running as asked for."""
        found = await self.measures_client.get("/v1/measures", params={"limit": "200", **query})
        items: list[dict[str, Any]] = found.json()["items"]
        return items[0]


def _settings(kind: Any, url: str, tokens: Any, **more: Any) -> Any:
    return kind(
        environment="test",
        database_url=url,
        auth_issuer=tokens.issuer,
        auth_audience=tokens.audience,
        auth_jwks=str(tokens.jwks_path),
        database_wait_seconds=PATIENCE,
        **more,
    )


@asynccontextmanager
async def world_of(
    controlling: Any, balance_url: str, measures_url: str, tokens: Any
) -> AsyncIterator[World]:
    """The three applications in this process. Nothing is remembered as fresh, so that every request
    asks."""
    async with AsyncExitStack() as stack:
        apps = [
            klima_balance.app.create_app(
                _settings(klima_balance.settings.Settings, balance_url, tokens)
            ),
            klima_measures.app.create_app(
                _settings(klima_measures.settings.Settings, measures_url, tokens)
            ),
        ]
        for app in apps:
            await stack.enter_async_context(app.router.lifespan_context(app))
        balance, measures = Switch(apps[0]), Switch(apps[1])
        app = create_app(_settings(Settings, controlling.url, tokens))
        store = app.state.stored_answers
        writer = ServiceClient(
            "measures",
            "http://measures",
            token=fixed_token(tokens("service")),
            patience=Patience(attempts=1),
            transport=measures,
        )
        timing = Timing(fresh=0.0, watch=0.05, optional=PATIENCE)
        patient, quick = Patience(5.0, 3, PATIENCE), Patience(PATIENCE, 1, PATIENCE)
        caches = [
            CachedClient(
                service,
                ServiceClient(service, f"http://{service}", transport=way),
                store,
                patient=patient,
                quick=quick,
                timing=timing,
            )
            for service, way in (("balance", balance), ("measures", measures))
        ]
        app.state.context = replace(
            app.state.context,
            balance=BalanceClient(caches[0]),
            measures=MeasuresClient(caches[1], writer),
            now=lambda: NOW,
        )
        await stack.enter_async_context(app.router.lifespan_context(app))
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://controlling",
            )
        )
        balance_client, measures_client = [
            await stack.enter_async_context(
                httpx.AsyncClient(transport=httpx.ASGITransport(one), base_url="http://other")
            )
            for one in apps
        ]
        yield World(
            client, app, balance, measures, balance_client, measures_client, tokens, controlling
        )


@pytest.fixture
async def world(
    fresh_database: Any, service_database: Any, token_factory: Any
) -> AsyncIterator[World]:
    """A controlling database of the test's own; balances and measures are shared and only read."""
    controlling = fresh_database("controlling", ["load-shipped"])
    balance = service_database("balance", *BALANCES)
    measures = service_database("measures", ["load-example"])
    async with world_of(controlling, balance.url, measures.url, token_factory) as found:
        yield found


@pytest.fixture
async def own_world(
    fresh_database: Any, service_database: Any, token_factory: Any
) -> AsyncIterator[World]:
    """As `world`, with a measures database of the test's own, for tests that change measures."""
    controlling = fresh_database("controlling", ["load-shipped"])
    balance = service_database("balance", *BALANCES)
    measures = fresh_database("measures", ["load-example"])
    async with world_of(controlling, balance.url, measures.url, token_factory) as found:
        yield found


@pytest.fixture
async def own_balances(
    fresh_database: Any, service_database: Any, token_factory: Any
) -> AsyncIterator[World]:
    """As `world`, with a balance database of the test's own, for tests that deliver figures."""
    controlling = fresh_database("controlling", ["load-shipped"])
    balance = fresh_database("balance", *BALANCES)
    measures = service_database("measures", ["load-example"])
    async with world_of(controlling, balance.url, measures.url, token_factory) as found:
        yield found


Fixture = Callable[..., Any]
