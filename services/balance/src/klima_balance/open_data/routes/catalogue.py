"""The open-data catalogue of the balance service: every table it gives out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import Request

from klima_balance.balances.queries import balances
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
from klima_shared.language.text import Text
from klima_shared.open_data.catalog import EPOCH, Catalogue, Dataset, Distribution, tables
from klima_shared.open_data.routes import base_of, catalogue_router, publisher_of

SERIES_COLUMNS: Final = (
    Column("region", Text("AGS", "AGS")),
    Column("key", Text("Schlüssel", "Key")),
    Column("label", Text("Reihe", "Series")),
    Column("year", Text("Jahr", "Year"), Kind.INTEGER),
    Column("emissions_t_co2e", Text("Wert", "Value"), Kind.NUMBER, "t CO2e"),
)
_CHANGES: Final = Distribution(
    "json", "/v1/changes", Text("Änderungen seit einem Stand", "Changes since a state")
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
            Text(
                "Energie- und Treibhausgasbilanzen der Kommunen",
                "Energy and greenhouse-gas balances",
            ),
            Text(
                "Alle veröffentlichten Bilanzen: Endenergie und Treibhausgase nach Sektor und Energieträger, dazu "
                "Landwirtschaft, Landnutzung, Prozesse und Erneuerbare als eigene Teilbilanzen.",
                "All published balances: final energy and greenhouse gases by sector and carrier; agriculture, land use, "
                "processes and renewables as blocks of their own.",
            ),
            _CLIMATE,
            (
                Distribution(
                    "csv",
                    "/v1/exports/balances.csv",
                    Text("CSV, alle Bilanzen", "CSV, all balances"),
                ),
                Distribution(
                    "parquet",
                    "/v1/exports/balances.parquet",
                    Text("Parquet, alle Bilanzen", "Parquet, all balances"),
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
            Text("Gebietseinheiten mit Einwohnern und Fläche", "Regions with population and area"),
            Text(
                "Amtliche Schlüssel, Namen, Einwohner und Bodenfläche; Grenzen als GeoJSON, wo sie eingespielt sind.",
                "Official keys, names, population and area; boundaries as GeoJSON where they were imported.",
            ),
            ("AGS", "Gemeinden", served_county().name),
            (
                *tables("/v1/exports/regions"),
                Distribution(
                    "geojson", "/v1/exports/regions.geojson", Text("Gemeindegrenzen", "Boundaries")
                ),
            ),
            "export_regions",
            REGION_COLUMNS,
            themes=("REGI", "GOVE"),
        ),
        Dataset(
            "factors",
            Text("Emissionsfaktoren mit Quellen", "Emission factors with sources"),
            Text(
                "Alle Faktoren der freigegebenen Faktorsätze, jeder mit Einheit, Quelle und Sicherheit.",
                "All factors of the released sets, each with unit, source and certainty.",
            ),
            ("Emissionsfaktoren", "Klimaschutz", "BISKO"),
            (*tables("/v1/exports/factors"), _CHANGES),
            "export_factors",
            FACTOR_COLUMNS,
        ),
        Dataset(
            "scenarios",
            Text("Szenarien der Kommunen", "Scenarios of the municipalities"),
            Text(
                "Eingebaute und veröffentlichte eigene Szenarien aller Gebiete; jedes mit Hebeln, Annahmen und Jahreswerten.",
                "Built-in and published own scenarios of all regions; each with levers, assumptions and yearly results.",
            ),
            ("Szenario", "Klimaschutz", served_county().name),
            (Distribution("json", "/v1/scenarios", Text("JSON", "JSON")), _CHANGES),
            "list_scenarios",
        ),
        Dataset(
            "county-series",
            Text(
                "Treibhausgase des Kreises im Zeitverlauf",
                "Greenhouse gases of the county over time",
            ),
            Text(
                "Eine Reihe je Sektor; dieselbe Adresse gibt es für jede Gemeinde.",
                "One series a sector; the same address exists for every municipality.",
            ),
            _CLIMATE,
            tables(f"{here}/timeseries?metric=emissions_t_co2e&by=sector"),
            "get_timeseries",
            SERIES_COLUMNS,
            years=period,
        ),
        Dataset(
            "county-balance",
            Text("Bilanz des Kreises im neuesten Jahr", "Balance of the county in the newest year"),
            Text(
                "Zellen der Bilanz nach Sektor und Energieträger; dieselbe Adresse gibt es für jede Gemeinde.",
                "Cells of the balance by sector and carrier; the same address exists for every municipality.",
            ),
            _CLIMATE,
            tables(f"{here}/balances/{max(years)}") if years else (),
            "get_balance",
            tuple(TABLE_COLUMNS),
            years=(max(years), max(years)) if years else None,
        ),
        Dataset(
            "county-potentials",
            Text("Potenziale des Kreises", "Potentials of the county"),
            Text(
                "Was an Erneuerbaren und Einsparung möglich ist, was genutzt wird, was bleibt.",
                "What is possible in renewables and savings, what is used, what remains.",
            ),
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
                Text("Trendszenario des Kreises", "Trend scenario of the county"),
                Text(
                    "Jahreswerte bis zum Zieljahr; weitere Szenarien stehen unter /v1/scenarios.",
                    "Yearly results to the horizon; more scenarios are at /v1/scenarios.",
                ),
                ("Szenario", "Klimaschutz", served_county().name),
                tables(f"/v1/scenarios/{scenario}/results"),
                "get_scenario_results",
                tuple(RESULT_COLUMNS),
            )
        )
    return tuple(d for d in found if d.distributions)


async def _catalogue(request: Request, read: ReadConnection) -> Catalogue:
    county = canonical_ags(request.app.state.settings.county)
    modified = await feed.modified(read)
    heads = await balances.newest_documents(read, [county])
    years = [row.year for row in heads]
    edition = load_scenario_tables().edition
    trend = (
        BuiltIn("trend", county, heads[-1].year, heads[-1].version, edition).id if heads else None
    )
    return Catalogue(
        "balance",
        Text("Klimakreis: Bilanzen", "Klimakreis: balances"),
        Text(
            "Energie- und Treibhausgasbilanzen der Kommunen mit Faktoren und Quellen.",
            "Energy and greenhouse-gas balances of municipalities with factors and sources.",
        ),
        base_of(request),
        county,
        datasets(county, years, trend),
        modified or EPOCH,
        publisher_of(request),
    )


router = catalogue_router(_catalogue)
