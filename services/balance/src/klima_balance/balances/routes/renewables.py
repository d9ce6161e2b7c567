"""Local renewable generation, beside the balance."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from klima_balance.balances.queries import balances
from klima_balance.balances.routes.documents import loaded, no_balance, public_meta
from klima_balance.balances.routes.series import RegionName, name_of
from klima_balance.regions.routes.common import AgsPath, YearQuery, region_or_404
from klima_shared.database.connections import Read
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1", tags=["series"])


class Renewables(BaseModel):
    region: RegionName
    year: int
    generation_mwh: float | None
    electricity_use_mwh: float | None
    coverage: float | None = Field(
        description="generation / local electricity use; 1.0 is the whole, may be more"
    )
    technologies: list[JsonObject]
    note: str
    meta: Meta


@router.get(
    "/regions/{ags}/renewables",
    summary="Generation and coverage",
    responses=problem_responses(404, 422),
)
async def get_renewables(
    ags: AgsPath, read: Read, lang: RequestLanguage, year: YearQuery
) -> Renewables:
    """Local renewable generation beside the local electricity use. It never lowers the balance."""
    region = await region_or_404(read, ags)
    documents = [loaded(row, lang) for row in await balances.newest_documents(read, [ags], year)]
    if not documents:
        raise await no_balance(read, ags, year)
    document = documents[0]
    note = Text("Information beside the balance: BISKO values electricity with the federal mix.")
    totals = document["totals"]
    return Renewables(
        region=name_of(region),
        year=year,
        generation_mwh=totals["renewable_generation_mwh"],
        electricity_use_mwh=totals.get("electricity_use_mwh"),
        coverage=totals.get("renewable_coverage"),
        technologies=document["blocks"]["renewables"],
        note=note.get(lang),
        meta=public_meta(documents),
    )
