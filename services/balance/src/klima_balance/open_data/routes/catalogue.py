"""The open-data catalogue of the balance service: every table it gives out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import Request

from klima_balance.balances import queries as balances
from klima_balance.balances.routes.documents import TABLE_COLUMNS
from klima_balance.open_data.queries import feed
from klima_balance.open_data.routes.exports import FACTOR_COLUMNS, REGION_COLUMNS
from klima_balance.scenarios.actions.computation import BuiltIn
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.files.tables import POTENTIAL_COLUMNS, RESULT_COLUMNS
from klima_shared.codes.fields import canonical_ags
from klima_shared.county import served_county
from klima_shared.database.connections import ReadConnection
from klima_shared.formats import Column, Kind
from klima_shared.language.text import Label, Text
from klima_shared.open_data.catalog import EPOCH, Catalogue, Dataset, Distribution, tables
from klima_shared.open_data.routes import base_of, publisher_of

SERIES_COLUMNS: Final = (
    Column("region", Label("AGS", "AGS")),
    Column("key", Label("Schlüssel", "Key")),
    Column("label", Label("Reihe", "Series")),
    Column("year", Label("Jahr", "Year"), Kind.INTEGER),
    Column("emissions_t_co2e", Label("Wert", "Value"), Kind.NUMBER, "t CO2e"),
)
_CHANGES: Final = Distribution(
    "json", "/v1/changes", Label("Änderungen seit einem Stand", "Changes since a state")
)
_CLIMATE: Final = ("Klimaschutz", "Treibhausgasbilanz", "Energie", "BISKO", served_county().name)


def datasets(county: str, years: Sequence[int], scenario: str | None) -> tuple[Dataset, ...]:
    """What this service has, with addresses for the installation's county where a table is of one
    region."""
    period = (min(years), max(years)) if years else None
    here = f"/v1/regions/{county}"
    found = [
        Dataset(
            "balances",
            Text("Energy and greenhouse-gas balances"),
            Text(
                "All published balances: final energy and greenhouse gases by sector and carrier; "
                "agriculture, land use, processes and renewables as blocks of their own."
            ),
            _CLIMATE,
            (
                Distribution(
                    "csv",
                    "/v1/exports/balances.csv",
                    Label("CSV, alle Bilanzen", "CSV, all balances"),
                ),
                Distribution(
                    "parquet",
                    "/v1/exports/balances.parquet",
                    Label("Parquet, alle Bilanzen", "Parquet, all balances"),
                ),
                _CHANGES,
            ),
            "export_balances",
            tuple(TABLE_COLUMNS),
            years=period,
            periodicity="TRIENNIAL",
        ),
        Dataset(
            "regions",
            Label("Gebietseinheiten mit Einwohnern und Fläche", "Regions with population and area"),
            Text(
                "Official keys, names, population and area; boundaries as GeoJSON where they were "
                "imported."
            ),
            ("AGS", "Gemeinden", served_county().name),
            (
                *tables("/v1/exports/regions"),
                Distribution(
                    "geojson", "/v1/exports/regions.geojson", Label("Gemeindegrenzen", "Boundaries")
                ),
            ),
            "export_regions",
            REGION_COLUMNS,
            themes=("REGI", "GOVE"),
        ),
        Dataset(
            "factors",
            Label("Emissionsfaktoren mit Quellen", "Emission factors with sources"),
            Text("All factors of the released sets, each with unit, source and certainty."),
            ("Emissionsfaktoren", "Klimaschutz", "BISKO"),
            (*tables("/v1/exports/factors"), _CHANGES),
            "export_factors",
            FACTOR_COLUMNS,
        ),
        Dataset(
            "scenarios",
            Label("Szenarien der Kommunen", "Scenarios of the municipalities"),
            Text(
                "Built-in and published own scenarios of all regions; each with levers, "
                "assumptions and yearly results."
            ),
            ("Szenario", "Klimaschutz", served_county().name),
            (Distribution("json", "/v1/scenarios", Label("JSON", "JSON")), _CHANGES),
            "list_scenarios",
        ),
        Dataset(
            "county-series",
            Text("Greenhouse gases of the county over time"),
            Text("One series a sector; the same address exists for every municipality."),
            _CLIMATE,
            tables(f"{here}/timeseries?metric=emissions_t_co2e&by=sector"),
            "get_timeseries",
            SERIES_COLUMNS,
            years=period,
        ),
        Dataset(
            "county-balance",
            Label(
                "Bilanz des Kreises im neuesten Jahr", "Balance of the county in the newest year"
            ),
            Text(
                "Cells of the balance by sector and carrier; the same address exists for every "
                "municipality."
            ),
            _CLIMATE,
            tables(f"{here}/balances/{max(years)}") if years else (),
            "get_balance",
            tuple(TABLE_COLUMNS),
            years=(max(years), max(years)) if years else None,
        ),
        Dataset(
            "county-potentials",
            Label("Potenziale des Kreises", "Potentials of the county"),
            Text("What is possible in renewables and savings, what is used, what remains."),
            ("Potenziale", "Erneuerbare Energien", served_county().name),
            tables(f"{here}/potentials"),
            "get_potentials",
            tuple(POTENTIAL_COLUMNS),
        ),
    ]
    if scenario:
        found.append(
            Dataset(
                "county-scenario",
                Label("Trendszenario des Kreises", "Trend scenario of the county"),
                Text("Yearly results to the horizon; more scenarios are at /v1/scenarios."),
                ("Szenario", "Klimaschutz", served_county().name),
                tables(f"/v1/scenarios/{scenario}/results"),
                "get_scenario_results",
                tuple(RESULT_COLUMNS),
            )
        )
    return tuple(d for d in found if d.distributions)


async def build_catalogue(request: Request, read: ReadConnection) -> Catalogue:
    county = canonical_ags(request.app.state.settings.county)
    modified = await feed.modified(read)
    heads = await balances.newest_documents(read, [county])
    years = [row.year for row in heads]
    edition = load_scenario_tables().edition
    trend = (
        BuiltIn("trend", county, heads[-1].year, heads[-1].version_number, edition).id
        if heads
        else None
    )
    return Catalogue(
        "balance",
        Label("Klimakreis: Bilanzen", "Klimakreis: balances"),
        Text("Energy and greenhouse-gas balances of municipalities with factors and sources."),
        base_of(request),
        county,
        datasets(county, years, trend),
        modified or EPOCH,
        publisher_of(request),
    )
