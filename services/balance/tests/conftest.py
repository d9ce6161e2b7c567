"""A running balance service on a real Postgres with the county's published balances, asked over
ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from klima_balance.app import create_app
from klima_balance.scenarios.model.base import Base, Rows, Site
from klima_balance.settings import Settings

COUNTY = ("compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish")


def settings_for(url: str, tokens: Any, **more: Any) -> Settings:
    return Settings(
        environment="test",
        database_url=url,
        auth_issuer=tokens.issuer,
        auth_audience=tokens.audience,
        auth_jwks=str(tokens.jwks_path),
        **more,
    )


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://balance") as client,
    ):
        yield client


@pytest.fixture
def open_service(
    token_factory: Any,
) -> Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]:
    """`async with open_service(url) as client`: the service on a given database."""
    return lambda url, **more: client_of(create_app(settings_for(url, token_factory, **more)))


@pytest.fixture
def settings_of(token_factory: Any) -> Callable[[str], Settings]:
    """Settings of a service on a given database, for a process or thread of its own."""
    return lambda url: settings_for(url, token_factory)


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


@pytest.fixture
def small_base() -> Base:
    """A base of scenarios of one region, 2020: 400 MWh and 130 t, small enough for a calculation by
    hand."""

    def row(*values: float) -> np.ndarray[Any, Any]:
        return np.asarray(values, dtype=np.float64)

    return Base(
        year=2020,
        regions=np.asarray(["05974040"]),
        population=row(10.0),
        cells=(
            ("households", "electricity"),
            ("households", "natural_gas"),
            ("transport", "petrol"),
        ),
        energy=row(100.0, 200.0, 100.0)[:, None],
        emissions=row(50.0, 50.0, 30.0)[:, None],
        grades=(("A",), ("D",), ("D",)),
        final_energy_total=row(400.0),
        bisko_total=row(130.0),
        agriculture=Rows(("cows", "soils"), row(5.0, 1.0)[:, None], row(30.0, 10.0)[:, None]),
        agriculture_total=row(40.0),
        land_use=Rows(
            ("forest_all", "cropland"), row(40.0, 100.0)[:, None], row(-120.0, 100.0)[:, None]
        ),
        land_use_total=row(-20.0),
        process_ets=row(1000.0),
        electricity_use=row(80.0),
        generation=row(95.0),
        capacity=Rows(("photovoltaics", "wind"), row(100.0, 0.0)[:, None], row(95.0, 0.0)[:, None]),
        factors={
            "stationary/electricity": 0.5,
            "stationary/ambient_heat": 0.5 / 3.2,
            "stationary/biomass": 0.022,
            "stationary/district_heat": 0.26,
            "transport/electricity": 0.5,
        },
        power_ratio=3.2,
        site=Site(
            living_area_1000m2=row(2.0),
            realisable={"photovoltaics": row(400.0), "wind": row(0.0)},
            growth={"photovoltaics": row(10.0)},
        ),
    )
