"""What follows from a sheet: intermunicipal, horizon, priority. Each comes with its rule and
inputs."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Generic, TypeVar

from klima_measures.sheets.model.codes import Criterion, Horizon, Level, Priority
from klima_measures.sheets.model.sheet import Sheet
from klima_shared.codes.regions import RegionKind, level
from klima_shared.language.text import Text
from klima_shared.wire.json import Json

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Explained(Generic[T_co]):
    """A derived value together with why it is so: the rule in words and what went into it,
    JSON-ready by name."""

    value: T_co
    rule: Text
    inputs: Json = field(default_factory=dict)


SHORT_YEARS: Final = 3
MEDIUM_YEARS: Final = 7

# Shares of the criteria in the priority; together 100. Decision record 0042.
WEIGHTS: Final = {
    Criterion.SAVING: 30,
    Criterion.COST_PER_TONNE: 15,
    Criterion.FEASIBILITY: 20,
    Criterion.INFLUENCE: 15,
    Criterion.VISIBILITY: 5,
    Criterion.LOCAL_VALUE: 15,
}
# Lowest weighted mean (of 1 to 5 points) for each priority.
STEPS: Final = (
    (4.2, Priority.VERY_HIGH),
    (3.4, Priority.HIGH),
    (2.6, Priority.MEDIUM),
    (0.0, Priority.LOW),
)
NEEDED_WEIGHT: Final = 50


def intermunicipal(sheet: Sheet) -> Explained[bool]:
    """Level county, or two or more municipalities."""
    municipalities = [
        region for region in sheet.regions if level(region) is RegionKind.MUNICIPALITY
    ]
    value = sheet.level is Level.COUNTY or len(municipalities) >= 2
    rule = Text("A measure of level county, or with two or more municipalities, is intermunicipal.")
    return Explained(
        value, rule, {"level": sheet.level.value, "municipalities": len(municipalities)}
    )


def start_of(sheet: Sheet) -> date | None:
    """Actual start, else planned start, else that of the first step."""
    steps = [step.starts_on for step in sheet.steps if step.starts_on]
    return sheet.actual_start or sheet.planned_start or (min(steps) if steps else None)


def horizon(sheet: Sheet, concept_date: date | None) -> Explained[Horizon | None]:
    """How long after the date of the concept the measure begins; what the concept states where that
    can't be told."""
    start, stated = start_of(sheet), sheet.horizon_stated
    inputs = {
        "concept_date": concept_date.isoformat() if concept_date else None,
        "start": start.isoformat() if start else None,
        "stated": stated.value if stated else None,
    }
    if start is None or concept_date is None:
        rule = Text(
            "As the concept states it; without the dates of concept and start nothing is computed."
        )
        return Explained(stated, rule, inputs)
    if start <= add_years(concept_date, SHORT_YEARS):
        value = Horizon.SHORT
    else:
        value = Horizon.MEDIUM if start <= add_years(concept_date, MEDIUM_YEARS) else Horizon.LONG
    rule = Text(
        "Start of the measure after the date of the concept: up to 3 years short, up to 7 medium, "
        "then long term."
    )
    return Explained(value, rule, inputs)


def add_years(day: date, years: int) -> date:
    """The same day years later; 29 February becomes 28 where there is none."""
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def priority(sheet: Sheet) -> Explained[Priority | None]:
    """The weighted mean of the scores; what the concept states where fewer than half of the weights
    are scored."""
    points = {score.criterion: score.points for score in sheet.scores}
    weight = sum(WEIGHTS[criterion] for criterion in points)
    mean = (
        sum(WEIGHTS[criterion] * n for criterion, n in points.items()) / weight if weight else None
    )
    inputs = {
        "weights_percent": {criterion.value: share for criterion, share in WEIGHTS.items()},
        "points": {criterion.value: n for criterion, n in points.items()},
        "missing": [criterion.value for criterion in Criterion if criterion not in points],
        "weighted_mean": round(mean, 3) if mean is not None else None,
        "stated": sheet.priority_stated.value if sheet.priority_stated else None,
    }
    if mean is None or weight < NEEDED_WEIGHT:
        rule = Text("As the concept states it; less than half of the weights is scored.")
        return Explained(sheet.priority_stated, rule, inputs)
    value = next(level for lowest, level in STEPS if mean >= lowest)
    rule = Text(
        "Weighted mean of the points (1 to 5): from 4.2 very high, from 3.4 high, from 2.6 "
        "medium, else low."
    )
    return Explained(value, rule, inputs)
