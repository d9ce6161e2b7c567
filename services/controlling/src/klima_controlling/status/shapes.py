"""The wire shape of lights. The names are fixed."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from klima_controlling.status.model import Judged
from klima_controlling.status.rules import amounts_of, break_in_words
from klima_shared.codes.action import Light
from klima_shared.http.validation import add_examples
from klima_shared.language.numbers import Lang
from klima_shared.wire.meta import Meta, NoNext


class PathPoint(BaseModel):
    year: int = Field(examples=[2045])
    value: float = Field(examples=[0.0])


class DisplayedFigures(BaseModel):
    """The three figures in the reader's language, with the unit they are written in."""

    actual: str = Field(examples=["2 600"])
    path_value: str = Field(examples=["2 500"])
    gap: str = Field(examples=["+100"])
    unit: str = Field(examples=["kt CO₂e"])


class LightBreak(BaseModel):
    """A year from which on figures rest on other data, another edition or other factors."""

    year: int = Field(examples=[2021])
    kind: str = Field(examples=["data"], description="data, edition or factor_set")
    cells: list[str] = Field(examples=[["households.natural_gas"]])
    reason: str = Field(examples=["ab 2021 gemessen: Private Haushalte, Erdgas"])


class LightAnswer(BaseModel):
    """A target and how far it is: `gap` is `actual` minus `path_value`, both of `actual_year`."""

    model_config = ConfigDict(json_schema_extra=add_examples)

    target: str = Field(description="code of the target")
    title: str
    boundary: str = Field(description="territory or organisation; never mixed")
    key: str = Field(description="whose target it is: AGS, or id of the organisation")
    inherited: bool = Field(
        description=(
            "the county's target seen from one of its municipalities; no decision of its own"
        )
    )
    year: int = Field(description="when the target is to be reached")
    light: Light
    light_label: str
    word: str = Field(description="the light in plain words")
    settled: bool | None = Field(
        description=(
            "whether the path value lies outside the 5th to 95th percentile of the figure; null "
            "where that band is not known, or not computed yet (then the answer is `no-store`)"
        )
    )
    breaks: list[LightBreak] = Field(
        description="between the first year of the path and `actual_year`: years whose figures "
        "can't be compared with those before; where they alone decide, the light is unknown"
    )
    actual_year: int | None = Field(description="year of the newest published figure")
    actual: float | None = Field(description="null: no data, which is not zero")
    path_value: float | None = Field(description="the path's value in actual_year")
    gap: float | None
    gap_percent: float | None = Field(
        description="of the path value; null where that is unknown, zero or next to nothing"
    )
    unit: str
    display: DisplayedFigures = Field(
        description="for people: as many digits as grade and band of the figure carry"
    )
    goal: float = Field(description="value in the target year")
    tolerance_percent: float
    rule: str = Field(description="the arithmetic in a sentence")
    covers: str | None = Field(
        description="which part of all emissions the target counts, where it is not all of them"
    )
    path: list[PathPoint] = Field(
        description="corner points of the path; straight lines or steps between them"
    )
    path_kind: str
    decided: bool
    decision: str = Field(description="body and date, or „Beschluss nicht hinterlegt“")
    target_version: int


class Status(BaseModel):
    """All lights of a region or an organisation."""

    key: str
    name: str
    as_of: date = Field(description="the day the lights hold for")
    lights: list[LightAnswer]
    stale_since: datetime | None = Field(
        description="since when another service can't be asked; null: all is current"
    )
    stale: dict[str, datetime] = Field(default_factory=dict, description="the same by service")
    missing: list[str] = Field(default_factory=list, description="services that never answered")
    meta: Meta


class StatusList(BaseModel):
    """A region and those directly below it."""

    items: list[Status]
    next: NoNext = None


def light_answer(judged: Judged, key: str, lang: Lang) -> LightAnswer:
    t, amounts = judged.target, amounts_of(judged, lang)
    return LightAnswer(
        target=t.code,
        title=t.title.get(lang),
        boundary=t.boundary.value,
        key=t.key,
        inherited=t.boundary.value == "territory" and t.key != key,
        year=t.year,
        light=judged.light,
        light_label=judged.label.get(lang),
        word=judged.word.get(lang),
        settled=judged.settled,
        breaks=[
            LightBreak(
                year=one["year"],
                kind=one["kind"],
                cells=one["cells"],
                reason=break_in_words(one, lang),
            )
            for one in judged.breaks
        ],
        actual_year=judged.actual.year if judged.actual else None,
        actual=judged.actual.value if judged.actual else None,
        path_value=judged.path_value,
        gap=judged.gap,
        gap_percent=judged.gap_percent,
        unit=t.unit,
        display=DisplayedFigures(
            actual=amounts.actual, path_value=amounts.path, gap=amounts.gap, unit=amounts.unit
        ),
        goal=t.value,
        tolerance_percent=t.tolerance_percent,
        rule=judged.rule.get(lang),
        covers=t.covers.get(lang) if t.covers else None,
        path=(
            [PathPoint(year=p.year, value=p.value) for p in judged.path.points]
            if judged.path
            else []
        ),
        path_kind=t.path.value,
        decided=t.decided,
        decision=t.decision_text(lang),
        target_version=t.version,
    )
