"""Request and response bodies of scenarios and potentials."""

from datetime import datetime
from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from klima_balance.balances.shapes import BalanceRegion, Shape
from klima_balance.scenarios.actions.scenarios import ScenarioContent
from klima_balance.scenarios.model.assumptions import HORIZON
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Certainty
from klima_shared.codes.quantities import Signed, Year
from klima_shared.codes.references import Reference
from klima_shared.codes.regions import Ags
from klima_shared.http.validation import StrictBody, add_examples
from klima_shared.wire.json import JsonObject

# Far above anything meant; beyond 64 bits the database would hand a whole number back that no
# answer can hold.


class NewLever(StrictBody):
    """One row of a lever. Several rows may share a name; a name of a shipped lever takes that one's
    place."""

    lever: str = Field(
        min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_.-]+$", description="its name"
    )
    label: str | None = Field(default=None, max_length=120)
    kind: str = Field(
        max_length=40,
        description="demand_change, carrier_shift, factor_path, land_use_change, capacity",
    )
    sectors: list[str] = Field(default_factory=list, max_length=10, description="none: all")
    carriers: list[str] = Field(
        default_factory=list, max_length=40, description="none: all (demand_change)"
    )
    target: str | None = Field(
        default=None, max_length=40, description="carrier that a shift goes to"
    )
    categories: list[str] = Field(
        default_factory=list, max_length=40, description="rows of a block, land uses, technologies"
    )
    value: Signed = Field(description="at `to_year`: relative change, share, g CO2e/kWh")
    ratio: Signed | None = Field(
        default=None, description="MWh arriving per MWh leaving; t CO2e/ha; full-load hours"
    )
    delay: Signed | None = Field(
        default=None, description="years until a change of land has its full effect"
    )
    from_year: Year | None = Field(default=None, description="the base year by default")
    to_year: Year | None = Field(default=None, description="the horizon by default")
    shape: str = Field(default="linear", max_length=20, description="linear or s_curve")
    source: str = Field(min_length=1, max_length=500, description="where the value comes from")
    certainty: Certainty = Certainty.UNVERIFIED_LOW
    note: str | None = Field(default=None, max_length=1000)


ScenarioName = Annotated[str, Field(max_length=80), Reference("scenario")]


class NewScenario(StrictBody):
    region: Ags
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=4000)
    based_on: ScenarioName | None = Field(
        default="climate_protection",
        description="trend, climate_protection, none, or a scenario's id",
    )
    base_year: Year | None = Field(
        default=None,
        description="of the published balance; without one a draft keeps its own, else that of the "
        "scenario it is based on, else the newest",
    )
    base_version: int | None = Field(default=None, ge=1, le=2**31 - 1, strict=True)
    horizon: Year = HORIZON
    parameters: dict[str, Signed] = Field(
        default_factory=dict, max_length=200, description="overridden values by name"
    )
    without: list[str] = Field(default_factory=list, max_length=60, description="levers left out")
    levers: list[NewLever] = Field(default_factory=list, max_length=200)
    replaces: ScenarioName | None = Field(
        default=None, description="own scenario of which this is the next version"
    )

    def content(self) -> ScenarioContent:
        """The body as plain values for the action."""
        return cast("ScenarioContent", self.model_dump(mode="json"))


class ScenarioHead(BaseModel):
    id: str = Field(examples=["trend.05974040.2021.v1.e2026-2"])
    kind: Literal["trend", "climate_protection", "own"]
    title: str
    region: str = Field(examples=["05974040"])
    state: Literal["draft", "published"]
    version: int | None = Field(description="of a built-in one: the version of its balance")
    based_on: str | None
    base_year: int
    horizon: int
    published_at: datetime | None
    changed_at: datetime


class LeverRow(Shape):
    lever: str = Field(examples=["building_renovation"])
    label: str
    kind: str
    sectors: list[str]
    carriers: list[str]
    target: str | None
    categories: list[str]
    value: float
    unit: str
    from_year: int
    to_year: int
    shape: str
    parameters: list[str]
    source: str
    certainty: str


class ParameterRow(Shape):
    parameter: str
    label: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    certainty: str
    overridden: bool


class Scenario(Shape):
    id: str
    kind: str
    title: str
    description: str
    state: Literal["draft", "published"]
    version: int | None
    revision: int | None
    based_on: str | None
    region: BalanceRegion
    base_year: int
    horizon: int
    published_at: datetime | None
    levers: list[LeverRow]
    parameters: list[ParameterRow] = Field(description="every assumption the levers rest on")
    changes: JsonObject = Field(description="what an own scenario changes")
    links: dict[str, str]
    meta: JsonObject


class SectorYear(Shape):
    sector: Sector
    label: str
    final_energy_mwh: float
    emissions_t_co2e: float


class CarrierYear(Shape):
    carrier: Carrier
    label: str
    final_energy_mwh: float
    emissions_t_co2e: float


class ScenarioYear(Shape):
    """Blocks stay beside each other. null: unknown, which is not zero."""

    year: int
    final_energy_mwh: float | None
    emissions_t_co2e: float | None = Field(description="BISKO block")
    emissions_t_co2e_per_inhabitant: float | None = Field(
        description="population as in the base year"
    )
    agriculture_t_co2e: float | None
    extended_t_co2e: float | None
    land_use_t_co2e: float | None
    net_with_land_use_t_co2e: float | None
    process_ets_t_co2: float | None
    renewable_generation_mwh: float | None
    electricity_use_mwh: float | None
    renewable_coverage: float | None
    sectors: list[SectorYear]
    carriers: list[CarrierYear]


class ScenarioResults(Shape):
    scenario: JsonObject
    region: BalanceRegion
    base_year: int
    horizon: int
    years: list[ScenarioYear] = Field(description="the first one is the balance")
    residual: JsonObject = Field(
        description="what is left in the last year, beside the land-use sink"
    )
    contributions: JsonObject = Field(description="which levers brought it there, in the last year")
    meta: JsonObject


class ClimateTarget(BaseModel):
    model_config = ConfigDict(json_schema_extra=add_examples)

    kind: str = Field(
        description=(
            "`national_reduction` and `federal_law`: share below 1990, reached and decided;"
            " `national_sink`; `budget`: of the country from `year` on; `budget_share`,"
            " `linear_residual`: shares used with them"
        )
    )
    name: str | None = Field(description="where there are several of a kind", examples=["1.75_67"])
    year: int | None = Field(examples=[2030])
    value: float = Field(examples=[0.65])
    unit: str = Field(examples=["share"])
    source: str
    certainty: str = Field(examples=["verified"])
    note: str


class ClimateTargets(BaseModel):
    edition: str = Field(description="of the scenario tables", examples=["2026.1"])
    items: list[ClimateTarget]


class PotentialRow(Shape):
    """null: not known, which is not zero."""

    potential: str = Field(examples=["pv_roof"])
    group: Literal["generation", "saving", "switch", "land"]
    sector: str | None
    label: str
    unit: str = Field(examples=["MWh/a"])
    technical: float | None
    realisable: float | None
    used: float | None
    remaining: float | None
    used_share: float | None = Field(description="used / realisable")
    emissions_t_co2e: float | None = Field(
        description="yearly effect of the realisable part, with today's factors"
    )
    exceeded_by: float | None = Field(description="more is there than was thought possible")
    formula: str
    parameters: list[str]


class Potentials(Shape):
    region: BalanceRegion
    base_year: int
    target_year: int
    note: str
    potentials: list[PotentialRow]
    parameters: list[ParameterRow] = Field(
        description="every assumption with range, source and certainty"
    )
    meta: JsonObject
