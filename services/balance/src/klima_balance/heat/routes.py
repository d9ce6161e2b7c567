"""District heat networks: plant data or a declared technology, and which of them serves as the
factor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_balance.balances.shapes import Revision
from klima_balance.engine.district_heat import HeatSource
from klima_balance.engine.options import DEFAULT_FACTOR_SET
from klima_balance.figures.queries import revisions as records
from klima_balance.heat import actions as usecases
from klima_balance.heat import queries
from klima_balance.heat.rules import MOST_G_PER_KWH
from klima_balance.method.errors import InputError
from klima_balance.method.model import Method
from klima_balance.regions.routes.common import (
    AgsPath,
    MethodTables,
    YearPath,
    problem_of,
    region_or_404,
)
from klima_shared.codes.access import Role
from klima_shared.codes.energy import Carrier
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Editor, Viewer
from klima_shared.http.etags import OptionalIfMatch, RequiredIfMatch, revision_etag
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Page, Paging, check_key, link_next
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.http.validation import TextError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

router = APIRouter(prefix="/v1/regions/{ags}/heat-supply", tags=["heat supply"])

NetworkPath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["netz-mitte"])]
_Mwh = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False, strict=True)]
_Factor = Annotated[
    float | None, Field(default=None, ge=0, le=MOST_G_PER_KWH, allow_inf_nan=False, strict=True)
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fuel(_Strict):
    carrier: Carrier = Field(examples=["natural_gas"])
    mwh: _Mwh = Field(examples=[100000.0])
    factor_g_per_kwh: _Factor = Field(
        default=None, description="where the carrier has no fitting factor of its own"
    )


class Plant(_Strict):
    """Combined heat and power by exergy; peak-load boilers count for heat alone."""

    chp_fuels: list[Fuel] = Field(default=[], max_length=20)
    boiler_fuels: list[Fuel] = Field(default=[], max_length=20)
    power_mwh: _Mwh = Field(default=0.0, examples=[35000.0])
    chp_heat_mwh: _Mwh = Field(default=0.0, examples=[45000.0])
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
            raise TextError(Text("factor_g_per_kwh is expected, or carrier and efficiency."))
        return self


class NetworkContent(_Strict):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Netz Mitte (Beispiel)",
                    "delivered_mwh": 45000.0,
                    "source": "Betreiber (Beispiel)",
                    "plant": {
                        "chp_fuels": [{"carrier": "natural_gas", "mwh": 100000.0}],
                        "power_mwh": 35000.0,
                        "chp_heat_mwh": 45000.0,
                        "supply_k": 373.0,
                    },
                }
            ]
        },
    )

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


def etag_of(row: Any) -> str:
    return revision_etag(f"heat {row['region']} {row['year']} {row['network']}", row["revision"])


def _network(row: Any, method: Method, lang: Lang) -> Network:
    try:
        factor = usecases.served(row, method, DEFAULT_FACTOR_SET)
    except InputError as error:
        raise problem_of(error) from error
    own = {n: row[n] for n in Network.model_fields if n in row}
    return Network(
        **own,
        served_by=factor.kind,
        served_by_label=factor.kind.label(lang),
        factor_g_per_kwh=factor.g_per_kwh,
        explanation=factor.explanation.get(lang),
    )


@router.get("", summary="List the heat networks", responses=problem_responses(401, 403, 404, 422))
async def list_heat_networks(
    request: Request,
    response: Response,
    ags: AgsPath,
    read: Read,
    viewer: Viewer,
    method: MethodTables,
    lang: RequestLanguage,
    page: Paging,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
) -> Page[Network]:
    """Networks by year, each with its factor and which way served: plant data, a declared
    technology, the default."""
    await region_or_404(read, ags)
    viewer.require(Role.VIEWER, ags)
    rows = await queries.listing(
        read, ags, year=year, limit=page.limit + 1, after=check_key(page.after, int, str)
    )
    rows, cursor = page.cut(rows, ["year", "network"])
    link_next(request, response, cursor)
    return Page(items=[_network(row, method, lang) for row in rows], next=cursor)


@router.get(
    "/{year}/{network}", summary="One heat network", responses=problem_responses(401, 403, 404, 422)
)
async def get_heat_network(
    response: Response,
    ags: AgsPath,
    year: YearPath,
    network: NetworkPath,
    read: Read,
    viewer: Viewer,
    method: MethodTables,
    lang: RequestLanguage,
) -> Network:
    viewer.require(Role.VIEWER, ags)
    row = await queries.find(read, ags, year, network)
    if row is None:
        raise not_found(usecases.MISSING)
    response.headers["ETag"] = etag_of(row)
    return _network(row, method, lang)


@router.get(
    "/{year}/{network}/history",
    summary="Its revisions",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_heat_network_history(
    ags: AgsPath, year: YearPath, network: NetworkPath, read: Read, viewer: Viewer
) -> Page[Revision]:
    """Every revision, the deleting one included: who changed what when."""
    viewer.require(Role.VIEWER, ags)
    rows = await records.history(read, usecases.ENTITY, usecases.key_of(ags, year, network))
    if not rows:
        raise not_found(usecases.MISSING)
    return Page(items=[Revision(**{n: r[n] for n in Revision.model_fields}) for r in rows])


@router.put(
    "/{year}/{network}",
    summary="Store a heat network",
    status_code=200,
    responses={201: {"model": Network}, **problem_responses(400, 401, 403, 404, 412, 422, 428)},
)
async def put_heat_network(
    response: Response,
    ags: AgsPath,
    year: YearPath,
    network: NetworkPath,
    body: NetworkContent,
    write: Write,
    editor: Editor,
    method: MethodTables,
    lang: RequestLanguage,
    if_match: OptionalIfMatch,
) -> Network:
    """Create without `If-Match`, change with it. The next balance of the year uses it."""
    row = body.model_dump(mode="json") | {"region": ags, "year": year, "network": network}
    stored, new = await usecases.put(write, editor, row, if_match, etag_of)
    response.status_code = 201 if new else 200
    response.headers["ETag"] = etag_of(stored)
    return _network(stored, method, lang)


@router.delete(
    "/{year}/{network}",
    summary="Remove a heat network",
    status_code=204,
    responses=problem_responses(401, 403, 404, 412, 422, 428),
)
async def delete_heat_network(
    ags: AgsPath,
    year: YearPath,
    network: NetworkPath,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> None:
    await usecases.remove(write, editor, ags, year, network, if_match, etag_of)
