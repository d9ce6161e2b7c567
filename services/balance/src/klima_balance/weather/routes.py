"""Degree days of a region, for the weather view: the series that serves, and a region's own."""

from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.figures.queries import revisions as records
from klima_balance.regions.routes.common import AgsPath, region_or_404
from klima_balance.regions.shapes import Revision
from klima_balance.weather import actions as usecases
from klima_balance.weather.model import Series
from klima_balance.weather.queries import SERIES
from klima_shared.codes.access import Role
from klima_shared.codes.quantities import Year
from klima_shared.database.connections import Read
from klima_shared.http.auth import Viewer
from klima_shared.http.etags import OptionalIfMatch
from klima_shared.http.paging import Page
from klima_shared.http.problems import invalid_at, problem_responses
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.dependencies import ManagerChange, ManagerWriter

router = APIRouter(prefix="/v1/regions/{ags}/degree-days", tags=["views"])

_Days = Annotated[float, Field(ge=100, le=10000, allow_inf_nan=False, strict=True)]


class YearDays(BaseModel):
    model_config = ConfigDict(extra="forbid")

    year: Year = Field(examples=[2023])
    value: _Days = Field(description="K d", examples=[3300.0])


class DegreeDaysContent(BaseModel):
    """Counted in one way, from one source: a year and its mean belong together."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "definition": "G20/15",
                    "mean": 3600.0,
                    "mean_period": "1991-2020",
                    "source": "Wetterstation (Beispiel)",
                    "years": [{"year": 2023, "value": 3300.0}],
                }
            ]
        },
    )

    definition: str = Field(
        min_length=2, max_length=200, description="limits of temperature", examples=["G20/15"]
    )
    mean: _Days = Field(description="long-term mean, K d", examples=[3600.0])
    mean_period: str = Field(min_length=4, max_length=60, examples=["1991-2020"])
    years: list[YearDays] = Field(min_length=1, max_length=120)
    source: str = Field(min_length=3, max_length=500)
    note: str | None = Field(default=None, max_length=1000)


class DegreeDays(BaseModel):
    region: str = Field(
        description="whose series it is: the region's own, or the nearest above it",
        examples=["DG000000"],
    )
    own: bool = Field(description="stored for this region itself")
    definition: str
    mean: float
    mean_period: str
    years: list[YearDays]
    source: str
    certainty: str | None = Field(description="of the shipped series; null for a stored one")
    note: str | None
    revision: int | None = Field(default=None, description="of a region's own series")


def _answer(series: Series, revision: int | None = None) -> DegreeDays:
    years = [{"year": year, "value": value} for year, value in sorted(series.years.items())]
    return DegreeDays(
        **asdict(series) | {"years": years, "own": revision is not None, "revision": revision}
    )


@router.get(
    "", summary="The degree days that serve a region", responses=problem_responses(404, 422)
)
async def get_degree_days(response: Response, ags: AgsPath, read: Read) -> DegreeDays:
    """The region's own series, else that of its county, its state or Germany; at last the shipped
    one of Germany."""
    await region_or_404(read, ags)
    row = await entities.find(read, SERIES, ags)
    if row is not None:
        response.headers["ETag"] = SERIES.etag(row)
        return _answer(usecases.series_of(row), row.revision)
    found = await usecases.serving(read, ags)
    if found is None:
        raise SERIES.missing(ags)
    return _answer(found)


@router.get(
    "/history",
    summary="Revisions of the degree days",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_degree_days_history(ags: AgsPath, read: Read, viewer: Viewer) -> Page[Revision]:
    """Every revision of a region's own series, the deleting one included."""
    viewer.require(Role.VIEWER, ags)
    rows = await records.history(read, SERIES.name, ags)
    if not rows:
        raise SERIES.missing(ags)
    return Page(items=[Revision(**{n: r[n] for n in Revision.model_fields}) for r in rows])


@router.put(
    "",
    summary="Store a region's own degree days",
    status_code=200,
    responses={201: {"model": DegreeDays}, **problem_responses(400, 401, 403, 404, 412, 422, 428)},
)
async def replace_degree_days(
    response: Response,
    ags: AgsPath,
    body: DegreeDaysContent,
    writer: ManagerWriter,
    if_match: OptionalIfMatch,
) -> DegreeDays:
    """Create without `If-Match`, change with it. Only views use them: no balance is
    weather-corrected."""
    await region_or_404(writer.connection, ags)
    years = {str(one.year): one.value for one in sorted(body.years, key=lambda one: one.year)}
    if len(years) != len(body.years):
        raise invalid_at("/body/years", Text("A year appears twice."))
    content = body.model_dump() | {"years": years}
    row, new = await usecases.put(replace(writer, if_match=if_match), ags, content)
    response.status_code = 201 if new else 200
    response.headers["ETag"] = SERIES.etag(row)
    return _answer(usecases.series_of(row), row.revision)


@router.delete(
    "",
    summary="Remove a region's own degree days",
    status_code=204,
    responses=problem_responses(401, 403, 404, 412, 422, 428),
)
async def delete_degree_days(ags: AgsPath, writer: ManagerChange) -> None:
    await usecases.remove(writer, ags)
