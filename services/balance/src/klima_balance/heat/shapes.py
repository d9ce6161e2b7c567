"""Request and response bodies of district heat networks."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_balance.engine.district_heat import HeatFactor, HeatSource
from klima_balance.heat import model
from klima_balance.heat.rules import MOST_G_PER_KWH
from klima_shared.codes.energy import Carrier
from klima_shared.codes.quantities import Mwh
from klima_shared.http.validation import StrictBody
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

_Factor = Annotated[
    float | None, Field(default=None, ge=0, le=MOST_G_PER_KWH, allow_inf_nan=False, strict=True)
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fuel(_Strict):
    carrier: Carrier = Field(examples=["natural_gas"])
    mwh: Mwh = Field(examples=[100000.0])
    factor_g_per_kwh: _Factor = Field(
        default=None, description="where the carrier has no fitting factor of its own"
    )


class Plant(_Strict):
    """Combined heat and power by exergy; peak-load boilers count for heat alone."""

    chp_fuels: list[Fuel] = Field(default=[], max_length=20)
    boiler_fuels: list[Fuel] = Field(default=[], max_length=20)
    power_mwh: Mwh = Field(default=0.0, examples=[35000.0])
    chp_heat_mwh: Mwh = Field(default=0.0, examples=[45000.0])
    supply_k: float = Field(
        default=373.0, gt=283, le=700, strict=True, description="supply temperature in kelvin"
    )


class Declared(_Strict):
    """One technology; it serves when it supplies at least 80 % of the heat."""

    technology: str = Field(min_length=3, max_length=200, examples=["Holzheizwerk (Beispiel)"])
    share: float = Field(ge=0, le=1, strict=True, examples=[0.9])
    carrier: Carrier | None = Field(default=None, examples=["wood_chips"])
    efficiency: float | None = Field(default=None, ge=0.05, le=1.2, strict=True, examples=[0.85])
    factor_g_per_kwh: _Factor = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.factor_g_per_kwh is None and (self.carrier is None or self.efficiency is None):
            raise InputError(Text("factor_g_per_kwh is expected, or carrier and efficiency."))
        return self


class NetworkContent(StrictBody):
    name: str = Field(min_length=1, max_length=200)
    delivered_mwh: float = Field(
        gt=0, le=1e9, allow_inf_nan=False, strict=True, description="heat that reaches customers"
    )
    plant: Plant | None = None
    declared: Declared | None = None
    source: str = Field(min_length=3, max_length=500)
    note: str | None = Field(default=None, max_length=1000)


class Network(NetworkContent):
    region: str
    year: int
    network: str
    served_by: HeatSource = Field(examples=["plant"])
    served_by_label: str = Field(examples=["eigene Anlagendaten"])
    factor_g_per_kwh: float = Field(examples=[129.96])
    explanation: str
    revision: int
    changed_at: datetime


def network_of(row: model.Network, factor: HeatFactor, lang: Lang) -> Network:
    own = {name: getattr(row, name) for name in Network.model_fields if hasattr(row, name)}
    return Network(
        **own,
        served_by=factor.kind,
        served_by_label=factor.kind.label(lang),
        factor_g_per_kwh=factor.g_per_kwh,
        explanation=factor.explanation.get(lang),
    )
