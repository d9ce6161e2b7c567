"""Request and response bodies of organisations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from klima_balance.organisation import model
from klima_balance.organisation.model import Area, Company, Share
from klima_balance.organisation.rules import consumption, is_inside, per_area
from klima_shared.codes.energy import Carrier
from klima_shared.codes.quality import Grade
from klima_shared.codes.quantities import Quantity, Year
from klima_shared.codes.references import Reference
from klima_shared.codes.regions import Ags, LocationAgs
from klima_shared.county import served_county
from klima_shared.http.validation import StrictBody
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import FactorSetReference, Meta

Name = Annotated[str, Field(min_length=2, max_length=200)]


HoldingId = Annotated[UUID, Reference("holding")]
PropertyId = Annotated[UUID, Reference("property")]


class OrganisationContent(StrictBody):
    name: Name
    region: Ags = Field(
        description="the territory whose administration it is; editors of it may write"
    )
    description: str | None = Field(default=None, max_length=2000)
    target_year: Year | None = Field(
        default=None, description="when it wants to be climate-neutral"
    )
    to_year: Year | None = Field(
        default=None, description="the last year of its balance, where it has ended"
    )


class Organisation(OrganisationContent):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    revision: int = Field(examples=[1])
    created_at: datetime
    changed_at: datetime


class HoldingShare(BaseModel):
    model_config = ConfigDict(extra="forbid")

    from_year: Year = Field(description="holds from this year until the next share")
    share_percent: float = Field(ge=0, le=100, strict=True, allow_inf_nan=False, examples=[50.1])
    source: str | None = Field(default=None, max_length=500)


class HoldingContent(StrictBody):
    name: Name
    legal_form: str | None = Field(default=None, max_length=60, examples=["GmbH"])
    purpose: str | None = Field(default=None, max_length=500)
    shares: list[HoldingShare] = Field(default=[], max_length=100)


class Holding(HoldingContent):
    id: UUID
    organisation_id: UUID
    inside_from: list[int] = Field(
        description="years from which it is inside (share above 50 %)", examples=[[2018]]
    )
    outside_from: list[int] = Field(
        description="years from which it is outside again", examples=[[2026]]
    )
    revision: int = Field(examples=[1])
    changed_at: datetime


def holding_of(company: Company) -> Holding:
    row, shares = company.holding, company.shares
    turns = [
        (s.from_year, is_inside(shares, s.from_year), is_inside(shares, s.from_year - 1))
        for s in shares
    ]
    return Holding(
        **fields_of(Holding, row),
        shares=[_share(share) for share in shares],
        inside_from=[year for year, now, before in turns if now and not before],
        outside_from=[year for year, now, before in turns if before and not now],
    )


def _share(share: Share) -> HoldingShare:
    percent = float(share.share_percent)
    return HoldingShare(from_year=share.from_year, share_percent=percent, source=share.source)


def fields_of(shape: type[BaseModel], row: object) -> JsonObject:
    """The fields of a shape that the row has."""
    return {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}


class Meter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=60, examples=["1ESY1161234567 (Beispiel)"])
    carrier: Carrier = Field(examples=["electricity"])
    unit: str = Field(min_length=1, max_length=20, examples=["kWh"])


class PropertyContent(StrictBody):
    name: str = Field(min_length=2, max_length=200)
    region: LocationAgs = Field(description="the municipality it stands in")
    kind: Literal["building", "street_lighting", "water", "infrastructure"] = "building"
    holding_id: HoldingId | None = Field(
        default=None, description="null: the administration itself"
    )
    purpose: str | None = Field(default=None, max_length=200, examples=["Schule"])
    address: str | None = Field(default=None, max_length=300)
    area_m2: float | None = Field(
        default=None, gt=0, le=1e7, strict=True, description="heated net area"
    )
    from_year: Year | None = None
    to_year: Year | None = None
    meters: list[Meter] = Field(default=[], max_length=200)
    note: str | None = Field(default=None, max_length=1000)


class Property(PropertyContent):
    id: UUID
    organisation_id: UUID
    revision: int = Field(examples=[1])
    changed_at: datetime
    year: int | None = Field(default=None, description="of the consumption below")
    consumption_mwh: dict[str, float] = Field(default={}, examples=[{"natural_gas": 310.5}])
    kwh_per_m2: dict[str, float] = Field(
        default={}, description="by carrier, where the area is known"
    )


def property_of(
    row: model.Property, year: int | None = None, uses: Sequence[model.Use] = ()
) -> Property:
    own = [use for use in uses if use.property_id == row.id]
    return Property(
        **fields_of(Property, row),
        year=year,
        consumption_mwh=consumption(own),
        kwh_per_m2=per_area(own, row.area_m2),
    )


class UseContent(StrictBody):
    year: Year
    area: Area = Field(examples=["buildings"])
    carrier: Carrier = Field(examples=["natural_gas"])
    vehicle: str = Field(
        default="", max_length=40, description="fleet: car, light_duty, heavy_duty, line_bus, tram"
    )
    meter: str = Field(default="", max_length=60)
    holding_id: HoldingId | None = Field(
        default=None, description="null: the administration, or the owner of the property"
    )
    property_id: PropertyId | None = None
    quantity: Quantity
    unit: str = Field(min_length=1, max_length=20, examples=["kWh (Hs)"])
    status: Literal["measured", "estimated", "confirmed_zero"]
    grade: Grade
    source: str = Field(min_length=3, max_length=500)
    note: str | None = Field(default=None, max_length=1000)


class Use(UseContent):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organisation_id: UUID
    quantity_mwh: float
    revision: int
    changed_at: datetime


class OrganisationName(BaseModel):
    id: UUID
    name: str = Field(examples=[f"Kreisverwaltung {served_county().town}"])
    region: str = Field(examples=["05974000"])
    kind: str = "organisation"


class Boundary(BaseModel):
    holding: UUID
    name: str
    inside: bool
    share_percent: float | None = Field(examples=[50.1])


class OrganisationTotals(BaseModel):
    final_energy_mwh: float | None
    emissions_t_co2e: float | None


class OrganisationBalance(BaseModel):
    model_config = ConfigDict(extra="allow")

    organisation: OrganisationName
    year: int
    state: Literal["draft", "published"]
    version: int | None
    published_at: datetime | None
    reason: str | None
    boundary: list[Boundary] = Field(description="which holdings are inside in this year")
    totals: OrganisationTotals
    areas: list[JsonObject]
    carriers: list[JsonObject]
    units: list[JsonObject]
    rows: list[JsonObject] = Field(description="every figure with its factor")
    outside: list[JsonObject] = Field(description="figures of holdings outside, in no sum")
    data_quality: float | None
    factor_set: FactorSetReference
    note: str
    meta: Meta


class OrganisationPoint(BaseModel):
    year: int
    version: int | None
    state: str
    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    areas: dict[str, float] = Field(description="t CO2e by area", examples=[{"buildings": 812.5}])


class OrganisationSeries(BaseModel):
    organisation: OrganisationName
    years: list[OrganisationPoint]
    note: str


class IntoTerritory(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    import_id: UUID | None = Field(
        description="to be taken back with /v1/imports/{id}/undo; null when nothing changed"
    )
    rows: int = Field(examples=[4])
    added: int = Field(examples=[4])
    changed: int = Field(examples=[0])
    unchanged: int


class Reason(StrictBody):
    reason: str | None = Field(default=None, max_length=1000)
