"""A running balance service on a real Postgres with the county's published balances, asked over ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from klima_balance.app import create_app
from klima_balance.settings import Settings

COUNTY = ("compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish")


def settings_for(url: str, tokens: Any, **more: Any) -> Settings:
    return Settings(
        environment="test", database_url=url, auth_issuer=tokens.issuer, auth_audience=tokens.audience,
        auth_jwks=str(tokens.jwks_path), **more,
    )  # fmt: skip


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://balance") as client,
    ):
        yield client


@pytest.fixture
def open_service(token_factory: Any) -> Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]:
    """`async with open_service(url) as client`: the service on a given database."""
    return lambda url, **more: client_of(create_app(settings_for(url, token_factory, **more)))


@pytest.fixture
async def reader(service_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    """For tests that only read: the database is shared by them."""
    async with open_service(service_database("balance", ["load-method"], COUNTY).url) as client:
        yield client


@pytest.fixture
async def writer(fresh_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    """For tests that write: a database of their own, with the county's balances."""
    async with open_service(fresh_database("balance", ["load-method"], COUNTY).url) as client:
        yield client
