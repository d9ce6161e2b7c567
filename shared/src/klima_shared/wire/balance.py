"""What the balance service answers, as far as other services read it.

These types describe JSON documents; nothing is copied into objects. A reader that asks through
`klima_shared.upstream.balance` gets answers that were checked against them once, when they arrived.
"""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from klima_shared.wire.meta import FactorSetDocument, MetaDocument
from klima_shared.wire.values import Count, Figure, Key, Moment, SectorCode, Some, Version, Year

Ags = Annotated[str, Field(pattern="^(DG000000|[0-9]{2,8})$")]
YearText = Annotated[str, Field(pattern="^(19|20|21)[0-9]{2}$")]


class RegionDocument(TypedDict):
    """A territory of the registry. Area and population by year, in the answer about one region."""

    ags: Ags
    name: str
    kind: str
    parent: NotRequired[Ags | None]
    area_km2: NotRequired[dict[YearText, Figure]]
    population: NotRequired[dict[YearText, Count]]


class BalanceHead(TypedDict):
    """One version of a region's balance of a year; drafts have none."""

    year: Year
    state: str
    version: Version | None
    provisional: NotRequired[bool]


class BalanceRegion(TypedDict):
    ags: Ags
    name: str
    population: Count | None


class Totals(TypedDict):
    """Sums of a balance; None where a part of the sum is not known."""

    bisko_t_co2e: Figure | None
    bisko_t_co2e_per_inhabitant: Figure | None
    final_energy_mwh: Figure | None
    agriculture_t_co2e: Figure | None
    land_use_t_co2e: Figure | None
    process_ets_t_co2: NotRequired[Figure | None]
    waste_t_co2e: NotRequired[Figure | None]
    renewable_generation_mwh: Figure | None
    renewable_coverage: Figure | None
    electricity_use_mwh: Figure | None


class SectorFigures(TypedDict):
    sector: SectorCode
    final_energy_mwh: Figure | None
    emissions_t_co2e: Figure | None
    data_quality: NotRequired[Figure | None]


class Cell(TypedDict):
    """One sector and carrier."""

    sector: SectorCode
    carrier: str
    final_energy_mwh: Figure
    emissions_t_co2e: Figure


class PlantRow(TypedDict, total=False):
    """Renewable plants of a kind; delivered ones say no power."""

    category: str
    installed_kw: Figure | None


class LandRow(TypedDict, total=False):
    """A kind of land or its use; None where it is not known."""

    group: str
    quantity: Figure | None
    emissions_t_co2e: Figure | None


class SiteRow(TypedDict, total=False):
    """Sites of emissions trading of a kind; None where it is not known."""

    category: str
    quantity: Figure | None


class Blocks(TypedDict):
    """Rows beside the cells."""

    renewables: list[PlantRow]
    land_use: list[LandRow]
    process_ets: NotRequired[list[SiteRow]]


class Finding(TypedDict):
    severity: str


class Conformity(TypedDict):
    findings: list[Finding]


class BalanceDocument(TypedDict):
    """A published balance. It never changes; a correction is another version."""

    id: str
    region: BalanceRegion
    year: Year
    provisional: NotRequired[bool]
    version: Version
    published_at: Moment
    factor_set: FactorSetDocument
    totals: Totals
    sectors: Some[SectorFigures]
    cells: list[Cell]
    blocks: Blocks
    data_quality: Figure | None
    conformity: Conformity
    meta: MetaDocument


class ComparedRegion(TypedDict):
    ags: Ags


class ComparedFigures(TypedDict):
    """`value`: t CO2e of the region, `per`: each inhabitant's."""

    region: ComparedRegion
    value: Figure | None
    per: Figure | None


class Comparison(TypedDict):
    year: Year
    items: Some[ComparedFigures]


class ScenarioHead(TypedDict):
    id: Key
    base_year: Year
    version: Version | None
    horizon: Year


class Band(TypedDict):
    """A figure as the scenario states it, and its 5th and 95th percentile."""

    stated: Figure | None
    p5: Figure | None
    p95: Figure | None


class BandTotals(TypedDict):
    emissions_t_co2e: Band


class SectorBands(TypedDict):
    sector: SectorCode


class BalanceBands(TypedDict):
    """How far a published balance may be off."""

    year: Year
    totals: BandTotals
    sectors: Some[SectorBands]


class BandYear(TypedDict):
    year: Year
    totals: BandTotals


class ScenarioName(TypedDict):
    id: str


class ScenarioBands(TypedDict):
    scenario: ScenarioName
    years: Some[BandYear]


class ClimateTarget(TypedDict):
    """A year and value of the national law, or what the country had reached."""

    kind: str
    year: Year | None
    value: Figure
    source: str


class ClimateTargets(TypedDict):
    items: Some[ClimateTarget]


class OrganisationDocument(TypedDict):
    id: Key
    name: str
    region: str


class OrganisationYear(TypedDict):
    year: Year
    state: str
    emissions_t_co2e: Figure | None


class OrganisationSeries(TypedDict):
    years: list[OrganisationYear]


class SeriesBreak(TypedDict):
    """A year whose figures can't be compared with those of the one before."""

    year: Year
    kind: str
    cells: list[str]
    delivered: NotRequired[bool | None]
    change_t_co2e: NotRequired[Figure | None]


class Timeseries(TypedDict):
    breaks: list[SeriesBreak]
