"""What the country has decided and reached: the figures that target paths are drawn with, each with
its source."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.scenarios.routes.scenarios import Tables
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/climate-targets", tags=["scenarios"])
_EXAMPLE: dict[str, Any] = {
    "kind": "federal_law",
    "name": None,
    "year": 2030,
    "value": 0.65,
    "unit": "share",
    "source": "Bundes-Klimaschutzgesetz § 3",
    "certainty": "verified",
    "note": "",
}


class ClimateTarget(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: str = Field(
        description="`national_reduction` and `federal_law`: share below 1990, reached and decided; `national_sink`; "
        "`budget`: of the country from `year` on; `budget_share`, `linear_residual`: shares used with them"
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


@router.get(
    "", summary="National reduction, federal law, sinks and budgets", responses=problem_responses()
)
async def list_climate_targets(tables: Tables) -> ClimateTargets:
    """The table behind `/v1/scenarios/{id}/targets`, for services that draw paths of their own."""
    rows = tables.targets.to_dict("records")
    items = [
        ClimateTarget(
            **{str(k): None if v == "" and k in ("name", "year") else v for k, v in r.items()}
        )
        for r in rows
    ]
    return ClimateTargets(edition=tables.edition, items=items)
