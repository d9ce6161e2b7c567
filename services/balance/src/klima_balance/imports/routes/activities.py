"""Activities: local figures of a region and year, which supersede the method's defaults cell by
cell."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.balances.queries import balances
from klima_balance.balances.rules.data_requests import defaults_behind
from klima_balance.figures.actions import activities as usecases
from klima_balance.figures.queries import activities as queries
from klima_balance.figures.queries.activities import StoredFigure
from klima_balance.regions.routes.common import AgsPath, MethodTables, YearPath, region_or_404
from klima_balance.regions.shapes import Revision
from klima_balance.regions.tables import metadata
from klima_shared.codes.access import Role
from klima_shared.codes.quality import Grade
from klima_shared.codes.quantities import Quantity
from klima_shared.database.connections import Read, ReadConnection, Write
from klima_shared.http.auth import Editor, Viewer
from klima_shared.http.etags import OptionalIfMatch, RequiredIfMatch, revision_etag
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer

router = APIRouter(prefix="/v1/regions/{ags}/activities", tags=["activities"])

KeyPath = Annotated[
    str,
    Path(
        pattern=r"^[a-z_]{3,30}\.[a-z_0-9]{3,40}(\.[a-z_0-9]{1,40})?$",
        description=(
            "`sector.carrier`, `sector.carrier.category`, `renewables.technology`, or"
            " `statistics.name` for what supersedes an official figure (population, areas, herds)"
        ),
        examples=["households.natural_gas"],
    ),
]


class ActivityContent(BaseModel):
    """What is delivered for a cell. `confirmed_zero` says that there is none, which is not the same
    as no entry."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "quantity": 412300.5,
                    "unit": "MWh",
                    "status": "measured",
                    "grade": "A",
                    "source": "Netzbetreiber, Jahresabrechnung 2021 (Beispiel)",
                }
            ]
        },
    )

    quantity: Quantity = Field(description="in `unit`; never negative")
    unit: str = Field(
        min_length=1,
        max_length=20,
        description=(
            "MWh, kWh, GWh, MWh_Hs (gross gas), l, kg, m3 ...; of a statistic inhabitants, ha, km2,"
            " heads, K d"
        ),
    )
    status: Literal["measured", "estimated", "confirmed_zero"]
    grade: Grade = Field(
        description="A metered, B extrapolated, C regional statistics, D national figures"
    )
    source: str = Field(min_length=3, max_length=500)
    note: str | None = Field(default=None, max_length=1000)
    contained_in_ghd: bool = Field(
        default=True,
        description="municipal facilities: the delivered figure of commerce holds this one",
    )


class Activity(BaseModel):
    region: str = Field(examples=["05974040"])
    year: int = Field(examples=[2021])
    key: str = Field(examples=["households.natural_gas"])
    sector: str = Field(
        description="a sector, `renewables`, or `statistics`", examples=["households"]
    )
    carrier: str = Field(
        description="a carrier, the technology of a generation, or the name of a statistic",
        examples=["natural_gas"],
    )
    category: str
    quantity: float
    unit: str
    quantity_mwh: float | None = Field(
        description="converted to MWh final energy (lower heating value); null: no energy"
    )
    status: str
    grade: Grade
    source: str
    note: str | None
    contained_in_ghd: bool
    revision: int
    changed_at: datetime
    default_mwh: float | None = Field(
        default=None,
        description=(
            "with `defaults=true`: what the method takes for the whole cell without local data"
        ),
    )


class ActivityDefault(BaseModel):
    """What the method takes for a cell; it counts where nothing was delivered, and stays visible
    where something was."""

    key: str = Field(examples=["households.heating_oil"])
    sector: str
    carrier: str
    default_mwh: float
    grade: str = "D"


class ActivityPage(Page[Activity]):
    defaults: list[ActivityDefault] | None = Field(
        default=None,
        description="with `year` and `defaults=true`: every cell that the method fills by itself",
    )


def _activity(
    stored: StoredFigure, defaults: Mapping[tuple[str, str], float] | None = None
) -> Activity:
    cell = (stored.figure.sector, stored.figure.carrier)
    return Activity(**stored.as_row(), default_mwh=(defaults or {}).get(cell))


def etag_of(stored: StoredFigure) -> str:
    f = stored.figure
    return revision_etag(f"activity {f.region} {f.year} {f.key}", stored.revision)


def _missing(key: str) -> Text:
    return Text("There is no local figure for “{key}”.", key=key)


@router.get("", summary="List local activities", responses=problem_responses(401, 403, 404, 422))
async def list_activities(
    ags: AgsPath,
    read: Read,
    viewer: Viewer,
    page: Paging,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
    modified_since: ModifiedSince = None,
    defaults: Annotated[
        bool, Query(description="with a year: the defaults of the method behind and beside them")
    ] = False,
) -> ActivityPage:
    """What has been delivered for a region, by year and key. Needs a viewer's role: it is not yet
    published."""
    await region_or_404(read, ags)
    viewer.require(Role.VIEWER, ags)
    after = check_key(page.after, int, str)
    stored = await queries.listing(
        read, ags, year=year, limit=page.limit + 1, after=after, modified_since=modified_since
    )
    shown, cursor = page.cut(stored, ["year", "key"])
    behind = await _defaults(read, ags, year) if defaults and year is not None else None
    return ActivityPage(
        items=[_activity(one, behind) for one in shown],
        next=cursor,
        defaults=(
            None
            if behind is None
            else [
                ActivityDefault(
                    key=f"{sector}.{carrier}", sector=sector, carrier=carrier, default_mwh=mwh
                )
                for (sector, carrier), mwh in behind.items()
            ]
        ),
    )


async def _defaults(read: ReadConnection, ags: str, year: int) -> dict[tuple[str, str], float]:
    """By cell, from the newest published balance of the year; none where none is published."""
    row = await balances.published(read, ags, year)
    if row is None:
        return {}
    run, record = await balances.records(read, row.id)
    return defaults_behind(run, record)


@router.get(
    "/{year}/{key}", summary="One local activity", responses=problem_responses(401, 403, 404, 422)
)
async def get_activity(
    response: Response, ags: AgsPath, year: YearPath, key: KeyPath, read: Read, viewer: Viewer
) -> Activity:
    viewer.require(Role.VIEWER, ags)
    row = await queries.find(read, ags, year, key)
    if row is None:
        raise not_found(_missing(key))
    response.headers["ETag"] = etag_of(row)
    return _activity(row)


@router.get(
    "/{year}/{key}/history",
    summary="Its revisions",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_activity_history(
    ags: AgsPath, year: YearPath, key: KeyPath, read: Read, viewer: Viewer
) -> Page[Revision]:
    """Every revision, the deleting one included: who changed what when."""
    viewer.require(Role.VIEWER, ags)
    rows = await queries.history(read, ags, year, key)
    if not rows:
        raise not_found(_missing(key))
    return Page(items=[Revision(**r._asdict()) for r in rows])


@router.put(
    "/{year}/{key}",
    summary="Store a local activity",
    response_model=Activity,
    responses={
        201: {"model": Activity, "description": "Created"},
        **problem_responses(400, 401, 403, 404, 412, 422, 428),
    },
)
async def replace_activity(
    response: Response,
    ags: AgsPath,
    year: YearPath,
    key: KeyPath,
    body: ActivityContent,
    write: Write,
    editor: Editor,
    method: MethodTables,
    if_match: OptionalIfMatch,
) -> Activity:
    """Creates the entry (201) or changes it (200, with `If-Match`). The unit is converted to
    MWh."""
    content = body.model_dump(mode="json")
    place = usecases.Place(ags, year, key)
    writer = Writer(write, editor, metadata, if_match)
    row, new = await usecases.put(writer, method, place, content, etag=etag_of)
    response.status_code = 201 if new else 200
    response.headers["ETag"] = etag_of(row)
    return _activity(row)


@router.delete(
    "/{year}/{key}",
    summary="Remove a local activity",
    status_code=204,
    responses=problem_responses(401, 403, 404, 412, 422, 428),
)
async def delete_activity(
    ags: AgsPath,
    year: YearPath,
    key: KeyPath,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> None:
    """The default of the method counts again. The history keeps what was there."""
    place = usecases.Place(ags, year, key)
    writer = Writer(write, editor, metadata, if_match)
    await usecases.remove(writer, place, etag=etag_of)
