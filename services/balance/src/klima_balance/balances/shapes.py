"""The wire shapes of balances. Fields may be added, never renamed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from klima_shared.codes.energy import Carrier, Sector
from klima_shared.county import served_county
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import FactorSetReference, Meta

DISPLAY = "the figures for people: rounded to the digits that their grade carries"


class Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class BalanceRegion(Shape):
    ags: str = Field(examples=["05974040"])
    name: str = Field(examples=[served_county().town])
    kind: str = Field(examples=["municipality"])
    population: int | None = Field(examples=[47929])


class Totals(Shape):
    """Blocks are never mixed. null: unknown, which is not zero."""

    final_energy_mwh: float | None
    final_energy_mwh_per_inhabitant: float | None
    bisko_t_co2e: float | None
    bisko_t_co2e_per_inhabitant: float | None
    agriculture_t_co2e: float | None = Field(description="beside the BISKO total")
    extended_t_co2e: float | None = Field(description="BISKO and agriculture")
    land_use_t_co2e: float | None = Field(description="signed: a sink is negative")
    net_with_land_use_t_co2e: float | None = Field(description="BISKO, agriculture and land use")
    process_ets_t_co2: float | None = Field(description="plants of emissions trading as reported")
    waste_t_co2e: float | None = Field(
        default=None, description="waste and waste water as delivered; beside every total"
    )
    renewable_generation_mwh: float | None = Field(description="local generation; never subtracted")
    renewable_coverage: float | None = Field(description="generation / local electricity use")
    electricity_use_mwh: float | None


class SectorRow(Shape):
    sector: Sector
    label: str
    final_energy_mwh: float
    emissions_t_co2e: float
    data_quality: float | None
    display: dict[str, float | None] | None = Field(default=None, description=DISPLAY)


class CarrierRow(Shape):
    carrier: Carrier
    label: str
    final_energy_mwh: float
    emissions_t_co2e: float


class Cell(Shape):
    sector: Sector
    carrier: Carrier
    final_energy_mwh: float
    emissions_t_co2e: float
    status: str = Field(examples=["estimated"])
    grade: str = Field(examples=["D"])


class Finding(Shape):
    rule: str
    severity: str
    cell: str | None
    reason: str


class Conformity(Shape):
    state: str = Field(examples=["incomplete"])
    findings: list[Finding]


class Members(Shape):
    expected: int = Field(examples=[14])
    present: int = Field(examples=[14])


class BalanceDocument(Shape):
    id: UUID
    state: Literal["draft", "published"]
    region: BalanceRegion
    year: int = Field(examples=[2021])
    provisional: bool = Field(
        default=False,
        description="figures of the year are still to come: shown in series, never a headline",
    )
    version: int | None = Field(examples=[1])
    published_at: datetime | None
    factor_set: FactorSetReference
    totals: Totals
    sectors: list[SectorRow]
    carriers: list[CarrierRow]
    cells: list[Cell]
    blocks: dict[str, list[JsonObject]] = Field(
        description="agriculture, land_use, process_ets, renewables, waste"
    )
    data_quality: float | None = Field(ge=0, le=1)
    display: dict[str, float | None] | None = Field(default=None, description=DISPLAY)
    conformity: Conformity
    members: Members
    meta: Meta


class SeriesBreak(Shape):
    """Why a year of a series can't be compared with the one before."""

    year: int = Field(examples=[2021])
    kind: Literal["data", "edition", "factor_set"]
    cells: list[str] = Field(description="sector.carrier", examples=[["households.natural_gas"]])
    delivered: bool | None = Field(
        default=None, description="of data: delivered from this year on, or (false) defaults again"
    )
    change_t_co2e: float | None = Field(
        default=None,
        description="of data: emissions of these cells less those of the year before, part of "
        "every difference across the break",
    )
    reason: str = Field(examples=["Gelieferte Werte ab 2021: Private Haushalte: Erdgas."])


class ExplainedRow(Shape):
    activity: JsonObject = Field(
        description="quantity, unit, grade, status, source, derivation, arithmetic"
    )
    factor: JsonObject | None = Field(description="value, unit, source, certainty, year, carried")
    emissions_t_co2e: float


class Explanation(Shape):
    region: str
    year: int
    version: int
    block: str
    sector: Sector | None
    carrier: Carrier | None
    value: float = Field(description="sum of the rows")
    unit: str = Field(examples=["t CO2e"])
    final_energy_mwh: float | None
    rows: list[ExplainedRow]
    superseded: list[ExplainedRow] = Field(description="defaults behind local data; in no sum")
    missing: list[JsonObject] = Field(description="rows without a figure; in no sum")
    memo: list[ExplainedRow] = Field(description="shown beside the block; in no sum")
    factor_set: FactorSetReference
    meta: Meta
