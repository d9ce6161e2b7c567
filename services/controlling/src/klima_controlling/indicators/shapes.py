"""The wire shapes of indicators and their values."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from klima_controlling.base.model import Direction, IndicatorKind, ValueState
from klima_controlling.base.shapes import CODE, Figure, OrganisationKey
from klima_controlling.indicators.model import StoredIndicator
from klima_shared.codes.quality import Grade
from klima_shared.codes.quantities import Whole
from klima_shared.codes.regions import Ags
from klima_shared.http.validation import StrictBody
from klima_shared.language.numbers import Lang
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta


class IndicatorBody(StrictBody):
    name_de: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    unit: str = Field(min_length=1, max_length=40)
    definition: str = Field(default="", max_length=1000)
    kind: IndicatorKind
    level: str = Field(default="all", pattern="^(all|municipality|county|organisation)$")
    direction: Direction
    formula: str | None = Field(
        default=None, max_length=400, description="null: values are entered by hand"
    )
    normaliser: str | None = Field(default=None, max_length=60)
    interval_months: Whole = Field(default=12, ge=1, le=120)
    owner: str = Field(default="", max_length=200)
    share: bool = Field(default=False, description="a percentage that can't exceed 100")
    source: str = Field(default="", max_length=400)
    position: Whole = Field(default=100, ge=1, le=9999)


class NewIndicator(IndicatorBody):
    code: str = Field(pattern=CODE)


class IndicatorAnswer(IndicatorBody):
    model_config = ConfigDict(extra="ignore")

    code: str = Field(examples=["THG_EW_gesamt"])
    name: str = Field(description="in the reader's language")
    certainty: str
    revision: int
    changed_at: datetime


class NewValue(StrictBody):
    region: Ags
    organisation: OrganisationKey | None = Field(default=None, examples=[None])
    period: str = Field(pattern=r"^(19|20)\d{2}(-(H[12]|Q[1-4]))?$", examples=["2025"])
    value: Figure
    quality: Grade | None = None
    state: ValueState = ValueState.PROVISIONAL
    source: str = Field(min_length=1, max_length=400)
    note: str | None = Field(default=None, max_length=1000)
    revision: Annotated[Whole, Field(ge=1, le=10_000)] | None = Field(
        default=None, description="of a correction: the revision it becomes"
    )


class ValueAnswer(BaseModel):
    id: int
    indicator: str
    boundary: str
    key: str
    region: str
    period: str
    value: float
    quality: Grade | None
    state: ValueState
    source: str
    note: str | None
    revision: int
    created_at: datetime


class SimilarValue(BaseModel):
    ags: str
    value: float | None


class ComparisonAnswer(BaseModel):
    county: float | None = Field(
        description="the county's own value: the mean that counts every inhabitant alike"
    )
    unweighted_mean: float | None = Field(
        description="of the municipalities that have one, a large one counting like a small one"
    )
    mean: float | None = Field(deprecated=True, description="former name of `unweighted_mean`")
    counted: int = Field(examples=[14])
    expected: int = Field(examples=[14])
    similar: list[SimilarValue] = Field(description="municipalities nearest in population and area")


class RegionIndicator(BaseModel):
    """null: unknown, which is not zero; `reason` says why."""

    code: str = Field(examples=["THG_EW_gesamt"])
    name: str
    unit: str
    kind: IndicatorKind
    direction: Direction
    period: str
    value: float | None = Field(examples=[7.58])
    origin: str = Field(description="computed or entered")
    quality: Grade | None
    state: ValueState
    revision: int
    reason: str | None
    formula: str | None
    inputs: dict[str, float] = Field(description="what the formula was computed from")
    versions: JsonObject
    computed: float | None = Field(description="the computed value behind an entered one")
    comparison: ComparisonAnswer | None


class RegionIndicators(BaseModel):
    region: dict[str, str]
    period: str = Field(description="of the first value; empty without one", examples=["2022"])
    year: str = Field(deprecated=True, description="former name of `period`")
    items: list[RegionIndicator]
    stale_since: datetime | None
    meta: Meta


def indicator_answer(row: StoredIndicator, lang: Lang) -> IndicatorAnswer:
    return IndicatorAnswer(**asdict(row), name=row.name_en if lang == "en" else row.name_de)
