"""How good a balance is: data quality, conformity, plausibility, and which data to ask for next."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from klima_balance.balances.queries import balances as queries
from klima_balance.balances.routes.documents import loaded, no_balance
from klima_balance.balances.rules.data_requests import defaults_behind, todo_list
from klima_balance.balances.shapes import BalanceRegion, Conformity, Finding
from klima_balance.regions.routes.common import AgsPath, YearPath
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.database.connections import Read
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1/regions/{ags}/balances/{year}", tags=["quality"])


class QualityOf(BaseModel):
    key: str = Field(examples=["households"])
    label: str = Field(examples=["Private Haushalte"])
    final_energy_mwh: float
    data_quality: float | None = Field(ge=0, le=1)


class QualityCell(BaseModel):
    sector: Sector
    carrier: Carrier
    label: str
    final_energy_mwh: float
    default_mwh: float | None = Field(
        description="what the method would take without local data; it stays behind it"
    )
    status: str
    grade: str
    data_quality: float | None


class TodoItem(BaseModel):
    rank: int = Field(examples=[1])
    sector: Sector
    carrier: Carrier
    label: str = Field(examples=["Private Haushalte: Erdgas"])
    final_energy_mwh: float
    data_quality: float
    reachable_grade: str = Field(examples=["A"])
    who: str = Field(
        description="who has the data", examples=["Netzbetreiber und Versorger: gelieferte Mengen"]
    )
    gain: float = Field(
        description="points of data quality that the balance gains", examples=[0.12]
    )
    data_quality_after: float = Field(
        description="with everything up to this rank", examples=[0.12]
    )


class Quality(BaseModel):
    region: BalanceRegion
    year: int
    version: int | None
    data_quality: float | None
    data_quality_wording: str | None
    conformity: Conformity
    warnings: list[Finding] = Field(description="plausibility: figures outside their bands")
    sectors: list[QualityOf]
    carriers: list[QualityOf]
    cells: list[QualityCell]
    missing: list[str] = Field(
        description="required cells without an entry", examples=[["car_motorway"]]
    )
    todo: list[TodoItem] = Field(description="ranked by what they gain")
    meta: Meta


@router.get(
    "/quality",
    summary="Data quality, conformity and what to ask for next",
    responses=problem_responses(404, 422),
)
async def get_quality(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="the newest by default")
    ] = None,
) -> Quality:
    """Of the published balance: quality by sector, carrier and cell with the default behind it, and
    a ranked to-do list."""
    row = await queries.published(read, ags, year, version)
    if row is None:
        raise await no_balance(read, ags, year)
    document = loaded(row, lang)
    run, record = await queries.records(read, row.id)
    behind = defaults_behind(run, record)
    findings = document["conformity"]["findings"]
    return Quality(
        **{
            n: document[n]
            for n in (
                "region",
                "year",
                "version",
                "data_quality",
                "data_quality_wording",
                "conformity",
                "meta",
            )
        },
        warnings=[
            Finding(**f)
            for f in findings
            if f["rule"] == "plausibility_band" or f["rule"].startswith("warn_")
        ],
        sectors=[
            QualityOf(key=s["sector"], **{n: s[n] for n in _SHARED}) for s in document["sectors"]
        ],
        carriers=[
            QualityOf(key=c["carrier"], **{n: c[n] for n in _SHARED}) for c in document["carriers"]
        ],
        cells=[
            QualityCell(
                default_mwh=behind.get((c["sector"], c["carrier"])), **{n: c[n] for n in _CELL}
            )
            for c in document["cells"]
        ],
        missing=[f["cell"] for f in findings if f["rule"] == "required_cell"],
        todo=[
            TodoItem(
                label=f"{Sector(t.sector).label(lang)}: {Carrier(t.carrier).label(lang)}",
                who=t.who.get(lang),
                data_quality_after=t.after,
                **{n: getattr(t, n) for n in _TODO},
            )
            for t in todo_list(document)
        ],
    )


_SHARED = ("label", "final_energy_mwh", "data_quality")
_CELL = ("sector", "carrier", "label", "final_energy_mwh", "status", "grade", "data_quality")
_TODO = ("rank", "sector", "carrier", "final_energy_mwh", "data_quality", "reachable_grade", "gain")
