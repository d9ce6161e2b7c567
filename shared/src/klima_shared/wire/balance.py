"""What the balance service answers, as far as other services read it.

These types describe JSON documents; nothing is copied into objects. A reader that asks through
`klima_shared.upstream.balance` gets answers that were checked against them once, when they arrived.
"""

from typing import NotRequired

from typing_extensions import TypedDict

from klima_shared.wire.meta import FactorSetDocument, MetaDocument


class RegionDocument(TypedDict):
    """A territory of the registry. Area and population by year, in the answer about one region."""

    ags: str
    name: str
    kind: str
    parent: NotRequired[str | None]
    area_km2: NotRequired[dict[str, float]]
    population: NotRequired[dict[str, int]]


class BalanceHead(TypedDict):
    """One version of a region's balance of a year; drafts have none."""

    year: int
    state: str
    version: int | None


class BalanceRegion(TypedDict):
    ags: str
    name: str
    population: int | None


class Totals(TypedDict):
    """Sums of a balance; None where a part of the sum is not known."""

    bisko_t_co2e: float | None
    bisko_t_co2e_per_inhabitant: float | None
    final_energy_mwh: float | None
    agriculture_t_co2e: float | None
    land_use_t_co2e: float | None
    renewable_generation_mwh: float | None
    renewable_coverage: float | None
    electricity_use_mwh: float | None


class SectorFigures(TypedDict):
    sector: str
    final_energy_mwh: float | None
    emissions_t_co2e: float | None


class Cell(TypedDict):
    """One sector and carrier."""

    sector: str
    carrier: str
    final_energy_mwh: float
    emissions_t_co2e: float


class BlockRow(TypedDict, total=False):
    """A row of a block beside the cells: renewable plants, land use."""

    category: str
    installed_kw: float | None
    group: str
    quantity: float | None
    emissions_t_co2e: float | None


class Finding(TypedDict):
    severity: str


class Conformity(TypedDict):
    findings: list[Finding]


class BalanceDocument(TypedDict):
    """A published balance. It never changes; a correction is another version."""

    id: str
    region: BalanceRegion
    year: int
    version: int
    published_at: str | None
    factor_set: FactorSetDocument
    totals: Totals
    sectors: list[SectorFigures]
    cells: list[Cell]
    blocks: dict[str, list[BlockRow]]
    data_quality: float | None
    conformity: Conformity
    meta: MetaDocument


class ComparedRegion(TypedDict):
    ags: str


class ComparedFigures(TypedDict):
    """`value`: t CO2e of the region, `per`: each inhabitant's."""

    region: ComparedRegion
    value: float | None
    per: float | None


class Comparison(TypedDict):
    year: int
    items: list[ComparedFigures]


class ScenarioHead(TypedDict):
    id: str
    base_year: int
    version: int | None
    horizon: int


class Band(TypedDict):
    """A figure as the scenario states it, and its 5th and 95th percentile."""

    stated: float | None
    p5: float | None
    p95: float | None


class BandTotals(TypedDict):
    emissions_t_co2e: Band


class BandYear(TypedDict):
    year: int
    totals: BandTotals


class ScenarioName(TypedDict):
    id: str


class ScenarioBands(TypedDict):
    scenario: ScenarioName
    years: list[BandYear]


class ClimateTarget(TypedDict):
    """A year and value of the national law, or what the country had reached."""

    kind: str
    year: int | None
    value: float
    source: str


class ClimateTargets(TypedDict):
    items: list[ClimateTarget]


class OrganisationDocument(TypedDict):
    id: str
    name: str
    region: str


class OrganisationYear(TypedDict):
    year: int
    state: str
    emissions_t_co2e: float | None


class OrganisationSeries(TypedDict):
    years: list[OrganisationYear]
