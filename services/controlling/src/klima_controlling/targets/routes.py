"""Targets: what was decided, by whom, and the path; every version of it."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from klima_controlling.base.model import Boundary, Direction, PathKind
from klima_controlling.base.queries import Row
from klima_controlling.base.routes import CHECKED, context_of
from klima_controlling.base.shapes import Figure, OrganisationKey, row_of
from klima_controlling.targets import actions, queries
from klima_controlling.targets.model import StoredTarget
from klima_shared.codes.quantities import Finite, Percent, Year
from klima_shared.codes.regions import Ags
from klima_shared.county import served_county
from klima_shared.database.connections import Read
from klima_shared.http.dates import IsoDate
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.http.validation import StrictBody
from klima_shared.language.numbers import Lang
from klima_shared.revisions.dependencies import ManagerWriter
from klima_shared.wire.json import JsonObject

router = APIRouter(prefix="/v1/targets", tags=["targets"], dependencies=CHECKED)


class PointBody(StrictBody):
    year: Year
    value: Figure


class DecisionBody(StrictBody):
    body: str = Field(min_length=1, max_length=200, examples=["Rat"])
    decided_on: IsoDate | None = None
    paper: str | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=400, pattern="^https?://")
    source: str | None = Field(default=None, max_length=400)


class NewTarget(StrictBody):
    """A new target; with a code that exists, the next version of it. Without `base` the path begins
    at the first published figure.
    """

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    title_de: str = Field(min_length=1, max_length=200)
    title_en: str = Field(min_length=1, max_length=200)
    region: Ags
    organisation: OrganisationKey | None = None
    metric: str = Field(
        default="emissions_t_co2e",
        max_length=400,
        description="formula over the inputs of a balance",
    )
    unit: str = Field(default="t CO2e", max_length=40)
    direction: Direction = Direction.LOWER
    year: Year
    value: Figure
    path: PathKind = PathKind.LINEAR
    base: PointBody | None = None
    points: list[PointBody] = Field(default_factory=list, max_length=60)
    base_reduction_percent: Annotated[Finite, Field(ge=0, lt=100)] | None = Field(
        default=None,
        description=(
            "path by law: national reduction from 1990 to the base year; null: as published by the"
            " balance service"
        ),
    )
    budget_t_co2e: Annotated[Figure, Field(ge=0)] | None = None
    tolerance_percent: Percent = 5.0
    decision: DecisionBody | None = Field(
        default=None, description="null: not decided, and shown so"
    )
    source: str = Field(default="", max_length=400)
    applies_below: bool = Field(
        default=False, description="the county's: shown for its municipalities too"
    )
    valid_from: IsoDate | None = None


class TargetAnswer(BaseModel):
    code: str = Field(examples=[f"{served_county().slug}-2045"])
    version: int
    title: str
    boundary: Boundary
    key: str
    region: str
    metric: str
    unit: str
    direction: Direction
    year: int
    value: float
    path: PathKind
    base: PointBody | None
    points: list[PointBody]
    base_reduction_percent: float | None
    budget_t_co2e: float | None
    tolerance_percent: float
    decided: bool
    decision: JsonObject | None
    decision_text: str = Field(description="body and date, or „Beschluss nicht hinterlegt“")
    source: str
    headline: bool
    applies_below: bool
    valid_from: date | None
    created_at: datetime


def _answer(row: StoredTarget, lang: Lang) -> TargetAnswer:
    t = queries.target_of(row)
    plain = {name: getattr(t, name) for name in TargetAnswer.model_fields if hasattr(t, name)}
    shown: Row = {
        "title": t.title.get(lang),
        "base": PointBody(**asdict(t.base)) if t.base else None,
        "points": [PointBody(**asdict(point)) for point in t.points],
        "base_reduction_percent": None if t.base_reduction is None else t.base_reduction * 100,
        "decision": row.decision,
        "decision_text": t.decision_text(lang),
        "created_at": row.created_at,
    }
    return TargetAnswer(**{**plain, **shown})


@router.get("", summary="Targets and their versions", responses=problem_responses(422))
async def list_targets(
    read: Read,
    lang: RequestLanguage,
    page: Paging,
    region: Annotated[
        Ags | None, Query(description="whose target it is", examples=["05974040"])
    ] = None,
    organisation: Annotated[str | None, Query(max_length=60)] = None,
    code: Annotated[str | None, Query(max_length=60)] = None,
    boundary: Boundary | None = None,
    versions: Annotated[bool, Query(description="all versions, not only the newest")] = False,
    modified_since: ModifiedSince = None,
) -> Page[TargetAnswer]:
    """A new decision is a new version; with `versions=true` the paths before it are there too."""
    wanted = queries.TargetFilter(organisation or region, code, boundary, versions, modified_since)
    after = check_key(page.after, str, int)
    rows = await queries.listing(read, wanted, limit=page.limit + 1, after=after)
    return page.answer(rows, ["code", "version"], lambda row: _answer(row, lang))


@router.post(
    "",
    summary="Record a target, or a new version of one",
    **creating(TargetAnswer, 400, 401, 403, 409, 422),
)
async def create_target(
    request: Request,
    body: NewTarget,
    writer: ManagerWriter,
    lang: RequestLanguage,
    idempotency: Idempotency,
) -> Response:
    async def action() -> Created:
        target = actions.from_fields(row_of(body))
        row = await actions.store(writer, context_of(request), target)
        return Created(_answer(row, lang), location=f"/v1/targets?code={row.code}")

    return await idempotency.run(writer.connection, action)
