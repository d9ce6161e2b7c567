"""Each client of controlling against the provider's real application: paths, names and meanings it
relies on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import TypeAdapter

import klima_balance.app
import klima_balance.settings
import klima_measures.app
import klima_measures.settings
from klima_controlling.formulas.inputs import from_balance
from klima_controlling.reconciliation.rules import from_sheets
from klima_controlling.upstream.model import ScenarioKind
from klima_controlling.upstream.rules import projection_of, years_between
from klima_shared.http.service_tokens import fixed_token
from klima_shared.upstream.balance import BalanceClient
from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.errors import UpstreamRefusedError
from klima_shared.upstream.measures import MeasuresClient
from klima_shared.upstream.model import LastGood, Timing

COUNTY = ("compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish")


class Memory:
    """Answers in a dict."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], LastGood] = {}

    async def load(self, service: str, path: str) -> LastGood | None:
        return self.kept.get((service, path))

    async def save(self, answer: LastGood) -> None:
        self.kept[answer.service, answer.path] = answer

    async def drop(self, service: str, path: str) -> None:
        self.kept.pop((service, path), None)


@asynccontextmanager
async def transport_of(
    module: Any, settings: Any, url: str, tokens: Any
) -> AsyncIterator[httpx.ASGITransport]:
    app = module.create_app(
        settings(
            environment="test",
            database_url=url,
            auth_issuer=tokens.issuer,
            auth_audience=tokens.audience,
            auth_jwks=str(tokens.jwks_path),
        )
    )
    async with app.router.lifespan_context(app):
        yield httpx.ASGITransport(app, raise_app_exceptions=False)


@pytest.fixture
async def balance(service_database: Any, token_factory: Any) -> AsyncIterator[BalanceClient]:
    url = service_database("balance", ["load-method"], COUNTY).url
    async with transport_of(
        klima_balance.app, klima_balance.settings.Settings, url, token_factory
    ) as way:
        client = ServiceClient("balance", "http://balance", transport=way)
        found = CachedClient("balance", client, Memory(), timing=Timing(optional=60.0))
        yield BalanceClient(found)
        await found.close()


@pytest.fixture
async def measures(fresh_database: Any, token_factory: Any) -> AsyncIterator[MeasuresClient]:
    url = fresh_database("measures", ["load-example"]).url
    async with transport_of(
        klima_measures.app, klima_measures.settings.Settings, url, token_factory
    ) as way:
        client = ServiceClient("measures", "http://measures", transport=way)
        found = CachedClient("measures", client, Memory())
        writer = ServiceClient(
            "measures", "http://m", token=fixed_token(token_factory("service")), transport=way
        )
        yield MeasuresClient(found, writer)
        await found.close()
        await writer.close()


async def test_balance_registry_versions_and_documents(balance: BalanceClient) -> None:
    region = await balance.region("05974040")
    assert region is not None
    assert {
        "ags": "05974040",
        "name": "Soest",
        "kind": "municipality",
    }.items() <= region.data.items()
    assert await balance.region("05974999") is None
    assert len((await balance.members("05974000")).data) == 14
    versions = await balance.versions("05974040")
    assert versions is not None
    assert versions.data == {2018: 1, 2021: 1}
    document = await balance.balance("05974040", 2021, 1)
    assert document is not None
    inputs = from_balance(document, region.data)
    known = {
        "population",
        "emissions_t_co2e",
        "final_energy_mwh",
        "electricity_mwh",
        "renewable_generation_mwh",
        "heat_mwh",
        "renewable_heat_mwh",
        "grid_heat_mwh",
        "area_ha",
        "forest_t_co2e",
        "agricultural_area_ha",
        "photovoltaics_kw",
        "wind_kw",
        "households_mwh",
        "transport_t_co2e",
        "data_quality",
    }
    assert [name for name in known if inputs[name] is None] == []
    assert inputs["area_ha"] == pytest.approx(8581, rel=0.01)


async def test_balance_comparison_agrees_with_the_documents(balance: BalanceClient) -> None:
    found = await balance.comparison(["05974040", "05974028"], 2021)
    assert found is not None
    for item in found.data["items"]:
        document = await balance.balance(item["region"]["ags"], 2021, 1)
        assert document is not None
        assert item["value"] == document["totals"]["bisko_t_co2e"]
        assert item["per"] == document["totals"]["bisko_t_co2e_per_inhabitant"]


@pytest.mark.parametrize("kind", ScenarioKind)
async def test_balance_s_scenarios_with_their_bands(
    balance: BalanceClient, kind: ScenarioKind
) -> None:
    head = await balance.scenario("05974040", kind.value)
    assert head is not None
    assert {
        "kind": kind.value,
        "base_year": 2021,
        "version": 1,
        "horizon": 2045,
    }.items() <= head.items()
    years = years_between(head["base_year"], head["horizon"])
    document = await balance.scenario_bands(head["id"], years)
    assert document is not None
    projection = projection_of(kind, document)
    assert projection is not None
    assert (projection.id, [p.year for p in projection.points]) == (head["id"], [2021, *years])
    assert all(0 < p.low < p.value < p.high for p in projection.points)
    published = await balance.balance("05974040", 2021, 1)
    assert published is not None
    assert projection.points[0].value == pytest.approx(published["totals"]["bisko_t_co2e"])
    yearly = await balance.cache.get(
        f"/v1/scenarios/{head['id']}/results", TypeAdapter(dict[str, Any])
    )
    assert yearly is not None
    stated = {y["year"]: y["emissions_t_co2e"] for y in yearly.data["years"]}
    for before, after in pairwise(projection.points):
        assert after.value == pytest.approx(stated[after.year])
        for year in range(before.year, after.year):
            straight = before.value + (after.value - before.value) * (year - before.year) / (
                after.year - before.year
            )
            assert abs(straight - stated[year]) < 0.02 * stated[2021], (
                "the picture's straight lines tell the truth"
            )


async def test_balance_has_no_scenario_of_a_region_without_a_balance(
    balance: BalanceClient,
) -> None:
    assert await balance.scenario("05111000", "trend") is None
    assert await balance.scenario("05974999", "trend") is None
    assert await balance.scenario_bands("trend.05974999.2021.v1.e2026-2", [2045]) is None


async def test_balance_has_no_organisation_yet(balance: BalanceClient) -> None:
    assert await balance.organisation_id("konzern-kreis-soest", "05974000") is None


async def test_measures_lists_and_sheets(measures: MeasuresClient) -> None:
    county = await measures.list_of_region("05974000")
    assert len(county.data) == 27
    needed = {
        "id",
        "number",
        "title",
        "field",
        "field_label",
        "phase",
        "status",
        "intermunicipal",
        "last_year",
        "example",
        "saving_t_co2e",
        "changed_at",
        "owner",
    }
    assert all(needed <= set(item) for item in county.data)
    sheets = await measures.sheets(county.data)
    assert [s["id"] for s in sheets] == [i["id"] for i in county.data]
    sheet_names = {"costs", "staff", "savings", "phase", "revision", "owner", "example"}
    assert all(sheet_names <= set(sheet) for sheet in sheets)
    savings, silent = from_sheets(sheets)
    assert savings
    assert silent
    assert len((await measures.list_of_region("05974040")).data) <= 27


async def test_measures_takes_note_of_an_evaluation_once(measures: MeasuresClient) -> None:
    item = (await measures.list_of_region("05974000")).data[0]
    body = {
        "evaluated_on": "2026-11-02",
        "by": "Controlling",
        "reference": "controlling evaluation 1",
        "summary": "x",
    }
    for key in ("a", "a", "b"):
        await measures.report(UUID(item["id"]), "evaluations", body, key)
    assert measures.writer is not None
    working = await measures.writer.get_json(f"/v1/measures/{item['id']}")
    assert [e["reference"] for e in working["evaluations"]] == ["controlling evaluation 1"]
    await measures.report(
        UUID(item["id"]), "status-reports", {"reported_on": "2026-07-01", "assessment": "late"}, "c"
    )


async def test_measures_refuses_anybody_else(measures: MeasuresClient, token_factory: Any) -> None:
    item = (await measures.list_of_region("05974000")).data[0]
    assert measures.writer is not None
    other = MeasuresClient(
        measures.cache,
        ServiceClient(
            "measures",
            "http://m",
            token=fixed_token(token_factory("manager", region="05974")),
            transport=measures.writer._http._transport,
        ),
    )
    with pytest.raises(UpstreamRefusedError):
        await other.report(
            UUID(item["id"]), "evaluations", {"evaluated_on": "2026-11-02", "by": "x"}, "d"
        )


async def test_a_region_measures_refuses_is_no_sign_that_it_is_down(
    measures: MeasuresClient,
) -> None:
    assert await measures.list_of_region("99999") is None
    found = await measures.list_of_region("05974")
    assert found is not None
    assert found.stale_since is None
