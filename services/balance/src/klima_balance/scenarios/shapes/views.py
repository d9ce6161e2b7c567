"""What a scenario shows: contributions of its levers, target paths, uncertainty."""

from pydantic import Field

from klima_balance.balances.shapes import BalanceRegion, Shape
from klima_shared.codes.energy import Sector
from klima_shared.wire.json import JsonObject


class ScenarioReference(Shape):
    """What identifies a scenario."""

    id: str = Field(examples=["trend.05974040.2021.v1.e2026-2"])
    title: str
    state: str = Field(examples=["published"])
    base_year: int = Field(examples=[2021])
    horizon: int = Field(examples=[2045])


class ContributionSums(Shape):
    """A difference between two scenarios. null: unknown, which is not zero."""

    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    agriculture_t_co2e: float | None
    land_use_t_co2e: float | None
    process_ets_t_co2: float | None
    renewable_generation_mwh: float | None


class ContributionYear(Shape):
    year: int
    emissions_t_co2e: float
    final_energy_mwh: float


class ContributionSector(Shape):
    sector: Sector
    label: str
    emissions_t_co2e: float


class LeverContribution(ContributionSums):
    lever: str
    label: str
    kind: str
    source: str
    certainty: str
    sectors: list[ContributionSector]
    years: list[ContributionYear]


class ScenarioContributions(Shape):
    """The rows sum to the difference."""

    scenario: ScenarioReference
    against: ScenarioReference | None = Field(description="null: the base, where nothing changes")
    region: BalanceRegion
    explanation: str
    method: str = Field(examples=["Shapley"])
    year: int = Field(description="of the difference", examples=[2045])
    difference: ContributionSums
    levers: list[LeverContribution]
    meta: JsonObject


class TargetYear(Shape):
    year: int
    value: float = Field(description="of the path")
    scenario: float
    gap: float = Field(description="the scenario less the path")
    gap_percent: float | None


class TargetBasis(Shape):
    name: str
    value: float
    unit: str
    source: str
    certainty: str
    note: str


class ScenarioTargetPath(Shape):
    target: str
    label: str
    note: str
    years: list[TargetYear]
    basis: list[TargetBasis]


class CarbonBudget(Shape):
    total_t_co2: float
    from_year: int
    used_by_horizon_t: float
    year_of_exhaustion: int | None
    year_of_exhaustion_if_unchanged: int | None
    statement: str


class ScenarioTargets(Shape):
    scenario: ScenarioReference
    region: BalanceRegion
    unit: str = Field(examples=["t CO2e"])
    target_year: int
    paths: list[ScenarioTargetPath]
    budget: CarbonBudget | None
    meta: JsonObject


class UncertaintyBand(Shape):
    """Three percentiles, and the figure as it is stated. null: unknown."""

    p5: float | None
    p50: float | None
    p95: float | None
    stated: float | None


class UncertaintyTotals(Shape):
    final_energy_mwh: UncertaintyBand
    emissions_t_co2e: UncertaintyBand


class SectorUncertainty(UncertaintyTotals):
    sector: Sector


class UncertaintySpread(Shape):
    """Standard deviation of the logarithm of an error."""

    item: str
    of: str
    sigma: float
    correlated: bool
    source: str
    certainty: str
    note: str


class Sampled(Shape):
    region: BalanceRegion
    draws: int
    seed: int
    method: str
    spreads: list[UncertaintySpread]
    meta: JsonObject


class BalanceUncertainty(Sampled):
    year: int
    totals: UncertaintyTotals
    sectors: list[SectorUncertainty]


class YearUncertainty(Shape):
    year: int
    totals: UncertaintyTotals
    sectors: list[SectorUncertainty]


class ScenarioUncertainty(Sampled):
    scenario: ScenarioReference
    years: list[YearUncertainty]
